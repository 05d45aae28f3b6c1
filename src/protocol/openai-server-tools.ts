import type { JsonObject } from '../model/json.ts';
import { asCount, asObject, asObjects, asString } from '../util/json-read.ts';

/**
 * Billable uses of OpenAI's own tools in a response, by fee: `web_search_requests` or, of the tool's first version,
 * `web_search_preview_requests`; `file_search_calls`, `code_interpreter_containers`; `undefined` if there is none.
 * @see https://platform.openai.com/docs/pricing#built-in-tools
 */
export function countServerTools(response: JsonObject): Record<string, number> | undefined {
  const items = asObjects(response.output);
  const isPreview = asObjects(response.tools).some(({ type }) => asString(type)?.startsWith('web_search_preview'));
  const counts = {
    // Newer responses state what is billed.
    [isPreview ? 'web_search_preview_requests' : 'web_search_requests']:
      asCount(asObject(asObject(response.tool_usage)?.web_search)?.num_requests) ?? items.filter(isBilledSearch).length,
    file_search_calls: items.filter((item) => item.type === 'file_search_call').length,
    // Billed by container, however often it runs code.
    code_interpreter_containers: new Set(
      items.filter((item) => item.type === 'code_interpreter_call').map((item) => item.container_id),
    ).size,
  };
  const used = Object.entries(counts).filter(([, count]) => count > 0);
  return used.length > 0 ? Object.fromEntries(used) : undefined;
}

/** Only searches are billed, not opening a page or finding text in it; early models do not name the action. */
function isBilledSearch(item: JsonObject): boolean {
  const action = asString(asObject(item.action)?.type) ?? 'search';
  return item.type === 'web_search_call' && action === 'search' && item.status !== 'failed';
}

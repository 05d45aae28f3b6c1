/**
 * What may stand before an operation in the path of an API that copies OpenAI's. Words such as `responses` are common
 * in paths; this keeps out an app's own `/surveys/1/responses` and Ollama's different `/api/embeddings`.
 */
const API_ROOT = /(?:^|\/(?:v\d\w*|openai|openapi|beta|codex|models|inference|fim|deployments\/[^/]+|prompts\/[^/]+))$/;

/** Whether the JSON text of a request has a `model`, which no text inside it could pretend: there its quotes are escaped. */
export function namesModel(requestText: string): boolean {
  return /"model"\s*:/.test(requestText);
}

const DEPLOYMENT = /\/deployments\/([^/]+)\//;

/** The deployment that an Azure path names: a name of the user's for a model, which only the response states. */
export function deploymentOf(path: string): string | undefined {
  return DEPLOYMENT.exec(path)?.[1];
}

/** Whether `path` is the operation `ending` (`/responses`, ...) of such an API. */
export function isApiPath(path: string, ending: string): boolean {
  return path.endsWith(ending) && API_ROOT.test(path.slice(0, -ending.length));
}

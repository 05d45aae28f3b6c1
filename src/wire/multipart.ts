import type { Json, JsonObject } from '../model/json.ts';

/** A form as an object: texts as they are, files as what is known of them (`UploadedFile`), repeated names as lists. */
type FormEntries = Iterable<readonly [name: string, value: Json]>;

/** Characters kept of one text field. The longest known is a prompt. */
const MAX_FIELD_LENGTH = 256 * 1024;

/** Reads a form as `fetch` takes it. The files in it are not read. */
export function readFormData(form: FormData): JsonObject {
  return toObject(
    Array.from(form, ([name, value]): [string, Json] => [
      name,
      typeof value === 'string' ? value.slice(0, MAX_FIELD_LENGTH) : describeFile(value.name, value.type, value.size),
    ]),
  );
}

/**
 * Reads a body of type `multipart/form-data` (RFC 7578). The boundary is that of its first line: nobody writes a
 * preamble. Files are skipped, not copied.
 * @param isWhole whether nothing was left out of the bytes; if so, the sizes of files are not known
 * @returns `undefined` for a body that is something else
 */
export function readMultipart(bytes: Buffer, isWhole: boolean): JsonObject | undefined {
  const firstLine = bytes.subarray(0, MAX_BOUNDARY_LINE).toString('latin1').split('\r\n', 2);
  const boundary = firstLine.length === 2 ? firstLine[0] : undefined;
  if (!boundary?.startsWith('--') || boundary.length === 2) return undefined;
  return toObject(partsOf(bytes, boundary, isWhole));
}

const MAX_BOUNDARY_LINE = 256;

function* partsOf(bytes: Buffer, boundary: string, isWhole: boolean): FormEntries & Generator<readonly [string, Json]> {
  const delimiter = `\r\n${boundary}`;
  let start = boundary.length + 2;
  while (start < bytes.length) {
    const end = bytes.indexOf(delimiter, start);
    const part = bytes.subarray(start, end === -1 ? bytes.length : end);
    const entry = readPart(part, { isComplete: end !== -1, isWhole });
    if (entry) yield entry;
    if (end === -1) return;
    start = end + delimiter.length + 2;
  }
}

function readPart(
  part: Buffer,
  { isComplete, isWhole }: { isComplete: boolean; isWhole: boolean },
): [string, Json] | undefined {
  const headEnd = part.indexOf('\r\n\r\n');
  if (headEnd === -1) return undefined;
  const head = part.subarray(0, headEnd).toString('utf8');
  const name = /\bname="([^"]*)"/i.exec(head)?.[1];
  if (name === undefined) return undefined;
  const content = part.subarray(headEnd + 4);
  const fileName = /\bfilename\*?="?([^"\r\n;]*)/i.exec(head)?.[1];
  if (fileName === undefined)
    return isComplete ? [name, content.subarray(0, MAX_FIELD_LENGTH).toString('utf8')] : undefined;
  const mimeType = /^content-type:\s*([^\s;]+)/im.exec(head)?.[1] ?? '';
  return [name, describeFile(fileName, mimeType, isComplete && isWhole ? content.length : undefined)];
}

function describeFile(fileName: string, mimeType: string, bytes: number | undefined): JsonObject {
  return { file_name: fileName, ...(mimeType && { mime_type: mimeType }), ...(bytes !== undefined && { bytes }) };
}

/** `image[]` is how some clients write a list, a repeated name how others do. */
function toObject(entries: FormEntries): JsonObject {
  const object: Record<string, Json> = Object.create(null) as Record<string, Json>;
  for (const [key, value] of entries) {
    const isList = key.endsWith('[]');
    const name = isList ? key.slice(0, -2) : key;
    const known = object[name];
    if (Array.isArray(known)) known.push(value);
    else if (known !== undefined) object[name] = [known, value];
    else object[name] = isList ? [value] : value;
  }
  return object;
}

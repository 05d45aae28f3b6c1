/**
 * Paths of Google's APIs name the model and then what is done with it: `/v1beta/models/gemini-2.5-flash:generateContent`,
 * `/v1/projects/p/locations/l/publishers/google/models/gemini-2.5-flash:predict`, `/v1beta/tunedModels/mine:...`,
 * `/v1/projects/p/locations/l/endpoints/123:...`.
 */
const MODEL = /\/(?:models\/([^/:]+)|((?:tunedModels|endpoints)\/[^/:]+)):\w+$/;

/** The model that a path names, without `models/`. */
export function modelOfPath(path: string): string | undefined {
  const [, model, custom] = MODEL.exec(path) ?? [];
  const name = model ?? custom;
  // An alias of a publisher's model is `claude-haiku-4-5%4020251001`.
  return name?.replace('%40', '@');
}

/** A model's name without the collection it is in. */
export function modelName(name: string | undefined): string | undefined {
  return name?.replace(/^(?:.*\/)?models\//, '') || undefined;
}

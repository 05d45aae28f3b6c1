import { readFileSync } from 'node:fs';
import path from 'node:path';
import * as v from 'valibot';

/** Where variables and files that a configuration names are looked for. */
export interface Surroundings {
  env: NodeJS.ProcessEnv;
  /** What paths in the configuration are relative to. */
  folder: string;
}

/** Why a configuration cannot be used. */
interface ConfigFault {
  /** Keys from the top, with dots. */
  path: string;
  message: string;
}

export type ParsedConfig<T> = { config: T } | { faults: ConfigFault[] };

/** Reads what a file, and what goes before it, says. Every fault is told with its path. */
export function parseConfig<T>(schema: v.GenericSchema<unknown, T>, said: unknown): ParsedConfig<T> {
  const result = v.safeParse(schema, said);
  if (result.success) return { config: result.output };
  return { faults: result.issues.map((issue) => ({ path: v.getDotPath(issue) ?? '', message: messageOf(issue) })) };
}

function messageOf({ type, message, expected }: v.BaseIssue<unknown>): string {
  if (type !== 'strict_object') return message;
  return expected === 'never' ? 'there is no such setting' : 'is missing';
}

export const MEGABYTE: number = 1024 * 1024;

/** A field in a schema. */
export type Field<T> = v.GenericSchema<unknown, T>;

/** A whole number, in a file or as the text of a variable. @param unit what one of it stands for */
export function whole(minimum: number, maximum: number, unit: number = 1): Field<number> {
  const message = `write a whole number from ${minimum} to ${maximum}`;
  const given = v.union([v.number(), v.pipe(v.string(), v.regex(/^\d+$/), v.transform(Number))], message);
  const checked = v.pipe(given, v.integer(message), v.minValue(minimum, message), v.maxValue(maximum, message));
  return v.pipe(
    checked,
    v.transform((value) => value * unit),
  );
}

export const TEXT: v.GenericSchema<string, string> = v.pipe(
  v.string('write a text'),
  v.trim(),
  v.nonEmpty('write a text that is not empty'),
);

/** @param example shown where it is none */
export function httpUrl(example: string): Field<string> {
  return v.pipe(
    TEXT,
    v.check(
      (value) => URL.canParse(value) && /^https?:$/.test(new URL(value).protocol),
      `write an address such as ${example}`,
    ),
  );
}

/** A text that is elsewhere: in a variable or a file. */
export function secretIn({ env, folder }: Surroundings): Field<string> {
  return v.pipe(
    v.union(
      [v.strictObject({ environment: TEXT }), v.strictObject({ file: TEXT })],
      'write {environment: NAME} or {file: PATH}',
    ),
    v.rawTransform(({ dataset: { value }, addIssue, NEVER }) => {
      const found =
        'file' in value ? contentOf(path.resolve(folder, value.file)) : { content: env[value.environment] ?? '' };
      const content = found.content?.trim();
      if (content) return content;
      const source = 'file' in value ? value.file : value.environment;
      addIssue({ message: `${source} ${found.failure ?? 'is not set or empty'}` });
      return NEVER;
    }),
  );
}

/** Certificate chain and key of a server; the configuration names the files. */
export function tlsIn({ folder }: Surroundings): Field<{ certificate: string; key: string }> {
  const pem = v.pipe(
    TEXT,
    v.rawTransform(({ dataset: { value }, addIssue, NEVER }) => {
      const { content, failure } = contentOf(path.resolve(folder, value));
      if (content !== undefined) return content;
      addIssue({ message: `${value} ${failure}` });
      return NEVER;
    }),
  );
  return v.strictObject({ certificate: pem, key: pem });
}

function contentOf(file: string): { content?: string; failure?: string } {
  try {
    return { content: readFileSync(file, 'utf8') };
  } catch (error) {
    return { failure: `cannot be read (${(error as NodeJS.ErrnoException).code})` };
  }
}

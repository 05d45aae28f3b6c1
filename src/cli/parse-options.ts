import { parseArgs } from 'node:util';
import { nearest } from '../util/nearest.ts';
import { type Command, UsageError } from './command.ts';

/** What was said to a command. */
interface Said {
  values: Record<string, string | boolean>;
  argument?: string;
}

/** Reads the options and the argument of a command. @throws {UsageError} that says what to write instead. */
export function parseOptions(command: Command, words: readonly string[]): Said {
  const { name: commandName, options } = command;
  const { tokens } = parseArgs({
    args: [...words],
    options: Object.fromEntries(Object.entries(options).map(([name, { type }]) => [name, { type }])),
    strict: false,
    tokens: true,
  });
  const values: Said['values'] = {};
  let argument: string | undefined;
  for (const token of tokens) {
    if (token.kind === 'option-terminator') continue;
    if (token.kind === 'positional') {
      const taken = argument === undefined ? '' : ` more than ${argument}:`;
      if (!command.argument || taken)
        throw new UsageError(`\`${commandName}\` takes no argument${taken} \`${token.value}\``);
      argument = token.value;
      continue;
    }
    const { name, rawName, value } = token;
    const option = options[name];
    if (!option || !rawName.startsWith('--')) throw new UsageError(unknownOption(command, rawName));
    if (option.type === 'string' && (value === undefined || value === '')) {
      throw new UsageError(`--${name} needs a value: --${name} ${option.value}`);
    }
    if (option.type === 'boolean' && value !== undefined) throw new UsageError(`--${name} takes no value`);
    const former = option.repeats ? values[name] : undefined;
    values[name] = former === undefined ? (value ?? true) : `${former},${value}`;
  }
  return { values, ...(argument !== undefined && { argument }) };
}

function unknownOption({ name, options }: Command, given: string): string {
  const known = [...Object.keys(options), 'help'].map((option) => `--${option}`);
  const meant = nearest(given, known);
  return `\`${name}\` has no option ${given}${meant ? `: did you mean ${meant}?` : ''}`;
}

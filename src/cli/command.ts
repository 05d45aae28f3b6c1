/** What a command can be told. */
export interface CommandOption {
  type: 'string' | 'boolean';
  /** Stands for the value in the help: `DIR`. */
  value?: string;
  /** It may be given more than once: the values are put together with commas. */
  repeats?: boolean;
  help: string;
}

type CommandOptions = Readonly<Record<string, CommandOption>>;
type ValuesOf<Options extends CommandOptions> = {
  [Name in keyof Options]?: Options[Name]['type'] extends 'boolean' ? boolean : string;
};

/** 0: done. 1: could not be done, or not wholly. 2: it was asked for in a way that makes no sense. */
export type ExitCode = 0 | 1 | 2;

/** Where a command writes. */
export interface Terminal {
  /** The result, for people or for pipes. */
  write(text: string): void;
  /** One line on what happens meanwhile or went wrong. */
  say(line: string): void;
  /** Replaces the line shown before; only where `interactive`. */
  progress(line: string): void;
  /** Whether a person sees `say` and `progress`. */
  interactive: boolean;
  /** Of the result: places in a line, `Infinity` in a pipe. */
  width: number;
  colour: boolean;
}

export interface Command {
  /** As it is typed: `spool drain`. */
  name: string;
  summary: string;
  details?: string;
  /** What may be said besides options, without a name: one word. */
  argument?: { value: string; help: string };
  options: CommandOptions;
  run(
    values: Readonly<Record<string, string | boolean | undefined>>,
    terminal: Terminal,
    argument?: string,
  ): Promise<ExitCode>;
}

/** A command whose `run` knows the types of its options. */
export function defineCommand<const Options extends CommandOptions>(
  command: Omit<Command, 'options' | 'run'> & {
    options: Options;
    run(values: ValuesOf<Options>, terminal: Terminal, argument?: string): Promise<ExitCode>;
  },
): Command {
  return command;
}

/** The command line makes no sense: what is wrong and what to write instead. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** It cannot be done: what happened, where, and what to do. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
}

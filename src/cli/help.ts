import type { Command } from './command.ts';

/** What `otel-langfuse --help` shows. */
export function generalHelp(commands: readonly Command[]): string {
  return `otel-langfuse: tokens and cost of LLM calls, and the spool where they wait for Langfuse.

Usage
  otel-langfuse <command> [options]

Commands
${table(commands.map(({ name, summary }) => [name, summary]))}

Options
${table([
  ['--help', 'about all of it, or after a command about that one'],
  ['--version', 'print the version'],
])}
`;
}

export function commandHelp({ name, summary, details, argument, options }: Command): string {
  const said = argument ? table([[argument.value, argument.help]]) : '';
  const rows = Object.entries(options).map(([option, { value, help }]): [string, string] => [
    `--${option}${value ? ` ${value}` : ''}`,
    help,
  ]);
  return `otel-langfuse ${name}: ${summary}.
${details ? `\n${details}\n` : ''}${said ? `\nArgument\n${said}\n` : ''}
Options
${table(rows)}
`;
}

function table(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`).join('\n');
}

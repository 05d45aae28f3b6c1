import { nearest } from '../util/nearest.ts';
import { VERSION } from '../util/version.ts';
import { type Command, CommandError, type ExitCode, type Terminal, UsageError } from './command.ts';
import { count } from './count.ts';
import { estimate } from './estimate.ts';
import { cost } from './cost.ts';
import { gateway } from './gateway.ts';
import { commandHelp, generalHelp } from './help.ts';
import { parseOptions } from './parse-options.ts';
import { prices } from './prices.ts';
import { proxy } from './proxy.ts';
import { report } from './report.ts';
import { spoolDeadLetters } from './spool-dead-letters.ts';
import { spoolDrain } from './spool-drain.ts';
import { spoolExport } from './spool-export.ts';
import { spoolStatusCommand } from './spool-status.ts';
import { spoolVerify } from './spool-verify.ts';

const COMMANDS: readonly Command[] = [
  report,
  cost,
  prices,
  count,
  estimate,
  gateway,
  proxy,
  spoolStatusCommand,
  spoolDrain,
  spoolVerify,
  spoolExport,
  spoolDeadLetters,
];

/** Runs what the command line asks for. Never rejects: what goes wrong is said. */
export async function run(words: readonly string[], terminal: Terminal): Promise<ExitCode> {
  try {
    return await runCommand(words, terminal);
  } catch (error) {
    if (error instanceof UsageError) {
      terminal.say(`${error.message}\nSee \`otel-langfuse --help\`.`);
      return 2;
    }
    terminal.say(error instanceof CommandError ? error.message : String(error instanceof Error ? error.stack : error));
    return 1;
  }
}

async function runCommand(words: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const [first] = words;
  if (first === undefined || first === '--help' || first === '-h') {
    terminal.write(generalHelp(COMMANDS));
    return 0;
  }
  if (first === '--version' || first === '-v') {
    terminal.write(`${VERSION}\n`);
    return 0;
  }
  const command = COMMANDS.find(({ name }) => name === words.slice(0, name.split(' ').length).join(' '));
  if (!command) throw new UsageError(unknownCommand(words));
  const rest = words.slice(command.name.split(' ').length);
  if (rest.includes('--help') || rest.includes('-h')) {
    terminal.write(commandHelp(command));
    return 0;
  }
  const { values, argument } = parseOptions(command, rest);
  return command.run(values, terminal, argument);
}

function unknownCommand(words: readonly string[]): string {
  const names = COMMANDS.map(({ name }) => name);
  const end = words.findIndex((word) => word.startsWith('-'));
  const [first = '', second] = end === -1 ? words : words.slice(0, end);
  if (first === '') return `a command comes before options: ${names.join(', ')}`;
  const given = names.some((name) => name.startsWith(`${first} `)) && second ? `${first} ${second}` : first;
  const continued = names.filter((name) => name.startsWith(`${given} `));
  if (continued.length > 0) return `\`${given}\` needs to know what to do: ${continued.join(', ')}`;
  const meant = nearest(given, names);
  return `there is no command \`${given}\`: ${meant ? `did you mean \`${meant}\`?` : names.join(', ')}`;
}

import { PriceFileError, readPriceFile, type UserPrices } from '../cost/index.ts';
import { readEnvironment } from '../config/environment.ts';
import { CommandError, type CommandOption, type Terminal } from './command.ts';

/** Every command that prices takes it. */
export const PRICES_OPTION: CommandOption & { type: 'string' } = {
  type: 'string',
  value: 'FILE',
  help: 'prices that go before the built-in ones (default: OTEL_LANGFUSE_PRICES)',
};

/**
 * The prices of the file that the command line or the environment names. A bad file of the environment is told of, as in
 * an app, and the built-in prices hold.
 * @throws {CommandError} if the file that the command line names cannot be used.
 */
export function readPrices(file: string | undefined, terminal: Terminal): UserPrices | undefined {
  const named = file ?? readEnvironment().config.pricesFile;
  if (named === undefined) return undefined;
  try {
    return readPriceFile(named);
  } catch (error) {
    if (!(error instanceof PriceFileError)) throw error;
    if (file !== undefined) throw new CommandError(error.message);
    terminal.say(`OTEL_LANGFUSE_PRICES: ${error.message}. Using the built-in prices.`);
    return undefined;
  }
}

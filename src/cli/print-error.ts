// Errors as people read them: what is wrong, where, and how to mend it.

import { maskData, maskText } from '../masking/mask.ts';
import {
  type ExitCode,
  exitCodes,
  type Mistake,
  messageOf,
  PlimsollError,
  SuiteError,
} from '../model/errors.ts';
import { makePalette, type Palette } from '../report/text/palette.ts';
import { usesColour } from './colour.ts';

/** Writes an error to `stream` and returns the exit code it stands for. */
export function printError(thrown: unknown, stream: NodeJS.WritableStream & { isTTY?: boolean }): ExitCode {
  // Errors come before flags are read, and about them.
  const flag = process.argv.includes('--no-color') ? false : undefined;
  const palette = makePalette(usesColour(stream, flag));
  if (thrown instanceof Error && 'code' in thrown && (thrown.code === 'EMFILE' || thrown.code === 'ENFILE')) {
    stream.write(
      `${palette.red('error:')} the process has no file descriptors left: ${maskText(thrown.message)}\n`,
    );
    stream.write(`${palette.dim('hint:')} raise the limit with "ulimit -n 1024", or more for many users\n`);
    return exitCodes.internal;
  }
  if (!(thrown instanceof PlimsollError)) {
    const detail = thrown instanceof Error ? (thrown.stack ?? thrown.message) : messageOf(thrown);
    stream.write(
      `${palette.red('internal error:')} ${maskText(detail)}\nThis is a defect in Plimsoll; please report it with the lines above.\n`,
    );
    return exitCodes.internal;
  }
  stream.write(`${palette.red('error:')} ${maskText(thrown.message)}\n`);
  if (thrown instanceof SuiteError) {
    for (const mistake of thrown.mistakes) stream.write(`  ${describeMistake(mistake, palette)}\n`);
  }
  if (thrown.hint !== undefined && thrown.hint !== '')
    stream.write(`${palette.dim('hint:')} ${maskText(thrown.hint)}\n`);
  return thrown.exitCode;
}

function describeMistake(mistake: Mistake, palette: Palette): string {
  const { path, expected, found, suggestion } = maskData(mistake);
  const got = found === undefined ? '' : `, got ${found}`;
  const nearest = suggestion === undefined ? '' : ` (did you mean ${palette.bold(suggestion)}?)`;
  return `${palette.bold(path === '' ? 'the suite' : path)}: expected ${expected}${got}${nearest}`;
}

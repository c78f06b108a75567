// Errors as people read them: what is wrong, where, and how to mend it.

import pc from 'picocolors';
import { maskData, maskText } from '../masking/mask.ts';
import {
  type ExitCode,
  exitCodes,
  type Mistake,
  messageOf,
  PlimsollError,
  SuiteError,
} from '../model/errors.ts';

/** Writes an error to `stream` and returns the exit code it stands for. */
export function printError(thrown: unknown, stream: NodeJS.WritableStream): ExitCode {
  if (thrown instanceof Error && 'code' in thrown && (thrown.code === 'EMFILE' || thrown.code === 'ENFILE')) {
    stream.write(`${pc.red('error:')} no file descriptor is left: ${maskText(thrown.message)}\n`);
    stream.write(`${pc.dim('hint:')} raise the limit with "ulimit -n 1024", or more for many users\n`);
    return exitCodes.internal;
  }
  if (!(thrown instanceof PlimsollError)) {
    const detail = thrown instanceof Error ? (thrown.stack ?? thrown.message) : messageOf(thrown);
    stream.write(
      `${pc.red('internal error:')} ${maskText(detail)}\nThis is a defect in Plimsoll; please report it with the lines above.\n`,
    );
    return exitCodes.internal;
  }
  stream.write(`${pc.red('error:')} ${maskText(thrown.message)}\n`);
  if (thrown instanceof SuiteError) {
    for (const mistake of thrown.mistakes) stream.write(`  ${describeMistake(mistake)}\n`);
  }
  if (thrown.hint !== undefined && thrown.hint !== '')
    stream.write(`${pc.dim('hint:')} ${maskText(thrown.hint)}\n`);
  return thrown.exitCode;
}

function describeMistake(mistake: Mistake): string {
  const { path, expected, found, suggestion } = maskData(mistake);
  const got = found === undefined ? '' : `, got ${found}`;
  const nearest = suggestion === undefined ? '' : ` (did you mean ${pc.bold(suggestion)}?)`;
  return `${pc.bold(path)}: expected ${expected}${got}${nearest}`;
}

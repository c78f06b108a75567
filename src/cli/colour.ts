// Whether what is printed has colours, and whether it may move the cursor.

/** What is known of a stream; `isTTY` is absent where it is no terminal. */
type Stream = { readonly isTTY?: boolean | undefined };

/**
 * `--no-color` before NO_COLOR (https://no-color.org: present and not empty), that before FORCE_COLOR (present, and
 * neither empty nor `0` nor `false`), else a terminal that is not dumb.
 */
export function usesColour(
  stream: Stream,
  flag: boolean | undefined,
  env: NodeJS.ProcessEnv = process.env,
): boolean {
  if (flag === false || (env.NO_COLOR ?? '') !== '') return false;
  const forced = env.FORCE_COLOR ?? '';
  if (forced !== '') return forced !== '0' && forced.toLowerCase() !== 'false';
  return movesCursor(stream, env);
}

/** A dumb terminal prints what would move its cursor. */
export function movesCursor({ isTTY }: Stream, { TERM }: NodeJS.ProcessEnv = process.env): boolean {
  return isTTY === true && TERM !== 'dumb';
}

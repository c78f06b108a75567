// Takes the arguments out of a command of the slow log, which may be personal data, before it is kept. Called by tables.ts.

const longestText = 200;
/** So many arguments are shown as `?` each. */
const mostMarks = 8;

/** Their first argument is one of a few words, and no key follows. */
const withSubcommand = new Set(
  'ACL CLIENT CLUSTER COMMAND CONFIG DEBUG FUNCTION LATENCY MEMORY MODULE OBJECT PUBSUB SCRIPT SLOWLOG XGROUP XINFO'.split(
    ' ',
  ),
);
/** What comes first is no key, but text, a script, a password or a pattern. */
const withoutKey = new Set(
  'AUTH HELLO ECHO PING EVAL EVAL_RO EVALSHA EVALSHA_RO FCALL FCALL_RO KEYS MIGRATE PUBLISH SPUBLISH SCAN XREAD XREADGROUP'.split(
    ' ',
  ),
);

/** `SET user:7 ?`: the command's name and its first key stay, `?` stands for each further argument. */
export function maskCommand(words: readonly string[]): string {
  const [first = '', second, ...rest] = words.map((word) => word.replace(/[\p{Cc}\s]+/gu, ' '));
  const name = first.toUpperCase();
  const shown = [name];
  let hidden = rest.length;
  if (second !== undefined) {
    if (withSubcommand.has(name)) shown.push(second.toUpperCase());
    else if (withoutKey.has(name)) hidden++;
    else shown.push(second);
  }
  shown.push(...Array(Math.min(hidden, mostMarks)).fill('?'));
  if (hidden > mostMarks) shown.push('…');
  const text = shown.join(' ');
  return text.length <= longestText ? text : `${text.slice(0, longestText - 1)}…`;
}

// Takes the literals out of a statement, which may be personal data, before it is kept. Called by what makes tables and names.

/** Longest text kept of a statement. */
const longestText = 200;

/** Up to the end of the text where nothing closes them: servers cut long statements off. */
const tokens = new RegExp(
  [
    String.raw`(?<line>--[^\n]*)`,
    String.raw`(?<literal>[eE]'(?:[^'\\]|\\[\s\S]|'')*(?:'|\\?$)|(?:[uU]&|[bBxXnN])?'(?:[^']|'')*(?:'|$)|\$(?<tag>(?:[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?)\$[\s\S]*?(?:\$\k<tag>\$|$))`,
    `(?<quoted>(?:[uU]&)?"(?:[^"]|"")*(?:"|$))`,
    String.raw`(?<parameter>\$\d+)`,
    String.raw`(?<word>[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*)`,
    String.raw`(?<number>(?:\d|\.\d)[\w.]*(?:(?<=[eE])[+-]\d+)?)`,
    String.raw`(?<space>\s+)`,
    String.raw`(?<other>[\s\S])`,
  ].join('|'),
  'uy',
);

/**
 * `SELECT ? FROM t WHERE name = ?`: texts and numbers become `?`, comments go, space becomes one blank, and what is
 * longer than 200 characters is cut. Parameters such as `$1` and quoted names stay.
 * Source: PostgreSQL 18, section 4.1; `standard_conforming_strings` is taken to be on.
 */
export function maskStatement(text: string): string {
  const plain = scan(text, false).replace(/\s+/g, ' ').trim();
  return plain.length <= longestText ? plain : `${plain.slice(0, longestText - 1)}…`;
}

/** The beginning of a statement, each text in it a `?`: `SELECT ? FROM t LIMIT 5`. Numbers stay. */
export function maskTexts(text: string): string {
  return /['$]/.test(text) ? scan(text, true) : text;
}

function scan(text: string, withNumbers: boolean): string {
  let masked = '';
  for (let at = 0; at < text.length && masked.length <= longestText; ) {
    if (text.startsWith('/*', at)) {
      at = endOfComment(text, at);
      masked += ' ';
      continue;
    }
    tokens.lastIndex = at;
    const match = tokens.exec(text);
    if (match === null) break;
    at = tokens.lastIndex;
    const { line, literal, number, space } = match.groups!;
    if (line !== undefined || space !== undefined) masked += ' ';
    else if (literal !== undefined || (number !== undefined && !withNumbers)) masked += '?';
    else masked += match[0];
  }
  return masked;
}

/** Comments of this kind hold others. */
function endOfComment(text: string, from: number): number {
  const marks = /\/\*|\*\//g;
  marks.lastIndex = from;
  let depth = 0;
  for (let mark = marks.exec(text); mark !== null; mark = marks.exec(text)) {
    depth += mark[0] === '/*' ? 1 : -1;
    if (depth === 0) return marks.lastIndex;
  }
  return text.length;
}

// The text that a content stream of a PDF shows. Called by pdf.ts.

const shown = /\(((?:[^\\()]|\\[\s\S])*)\)|<([\da-fA-F\s]+)>|(T[jJ*dDm]|ET|'|")(?![\w*])/g;
const escapes: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', b: '\b', f: '\f' };

/** Strings before an operator that shows them; a new line where the text moves. Characters are taken for Latin-1. */
export function textOfContent(content: string): string {
  let text = '';
  let strings = '';
  for (const [, literal, hex, operator] of content.matchAll(shown)) {
    if (literal !== undefined) strings += literal.replaceAll(/\\(\d{1,3}|\r?\n|[\s\S])/g, plainCharacter);
    else if (hex !== undefined) strings += Buffer.from(hex.replaceAll(/\s/g, ''), 'hex').toString('latin1');
    else {
      const shows = operator === 'Tj' || operator === 'TJ' || operator === "'" || operator === '"';
      if (shows) text += strings;
      else if (!text.endsWith('\n')) text += '\n';
      strings = '';
    }
  }
  return text;
}

function plainCharacter(_whole: string, escaped: string): string {
  if (/^\d/.test(escaped)) return String.fromCharCode(Number.parseInt(escaped, 8) & 255);
  return /^\r?\n$/.test(escaped) ? '' : (escapes[escaped] ?? escaped);
}

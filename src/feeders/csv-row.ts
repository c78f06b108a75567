// The fields of one CSV row that csv-splitter.ts has found. Used by file-formats.ts.

/** The row's text, without its line end, as its fields; texts throughout. */
export function csvFields(text: string, delimiter: string): string[] {
  if (!text.includes('"')) return text.split(delimiter);
  const fields: string[] = [];
  let at = 0;
  for (;;) {
    if (text[at] === '"') {
      const { value, end } = quotedField(text, at + 1);
      fields.push(value);
      at = end;
    } else {
      const end = text.indexOf(delimiter, at);
      fields.push(end === -1 ? text.slice(at) : text.slice(at, end));
      at = end === -1 ? text.length : end;
    }
    if (at >= text.length) return fields;
    at++;
  }
}

/** `end` is behind the closing quote. */
function quotedField(text: string, from: number): { readonly value: string; readonly end: number } {
  let value = '';
  for (let at = from; ; ) {
    const end = text.indexOf('"', at);
    if (end === -1) return { value: value + text.slice(at), end: text.length };
    value += text.slice(at, end);
    if (text[end + 1] !== '"') return { value, end: end + 1 };
    value += '"';
    at = end + 2;
  }
}

// Statements of one worker by their text: the name they are prepared under, and the name of their samples.

const mostTexts = 5000;
const longestLabel = 60;
/**
 * Statements that have a plan, behind comments and brackets. Others are never prepared: it would save nothing, and
 * PostgreSQL's own statistics count a prepared one only the first time.
 */
const plannable =
  /^(?:[\s(]|--[^\n]*\n|\/\*[\s\S]*?\*\/)*(?:select|insert|update|delete|merge|with|values|table)\b/i;

export interface Statement {
  readonly text: string;
  /** What servers know it by once it is prepared. */
  readonly serverName: string;
  /** Worth preparing: other statements have no plan to spare. */
  readonly plannable: boolean;
  /** Tag `operation` when the call gives none. */
  readonly label: string;
}

export class Statements {
  #byText = new Map<string, Statement>();
  #madeCount = 0;

  get(text: string): Statement {
    const known = this.#byText.get(text);
    if (known !== undefined) return known;
    // Texts that are made at run time come without end. Names are never given twice.
    if (this.#byText.size >= mostTexts) this.#byText = new Map();
    const made = {
      text,
      serverName: `plimsoll_${this.#madeCount++}`,
      plannable: plannable.test(text),
      label: labelOf(text),
    };
    this.#byText.set(text, made);
    return made;
  }
}

/** The text on one line, its start when it is long. */
export function labelOf(text: string): string {
  const line = text.trim().replace(/\s+/g, ' ');
  return line.length <= longestLabel ? line : `${line.slice(0, longestLabel - 3)}...`;
}

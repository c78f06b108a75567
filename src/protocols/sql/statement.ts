// Statements of one worker by their text: the name they are prepared under, and the name of their samples.

import { createHash } from 'node:crypto';
import { maskTexts } from '../../masking/mask-statement.ts';

const mostTexts = 5000;
const longestLabel = 60;
/**
 * Statements that have a plan, behind comments and brackets. Others are never prepared: it would save nothing, and
 * PostgreSQL's own statistics count a prepared one only the first time.
 */
const plannable =
  /^(?:[\s(]|--[^\n]*\n|\/\*[\s\S]*?\*\/)*(?:select|insert|update|delete|merge|with|values|table)\b/i;

/** Statements that begin a transaction and leave it open. */
const opening = /^(?:[\s;]|--[^\n]*\n|\/\*[\s\S]*?\*\/)*(?:begin|start\s+transaction)\b/i;

export interface Statement {
  readonly text: string;
  /**
   * What servers know it by once it is prepared. The same text has the same name in every worker and every run, and no
   * other text has it: behind a pooler the sessions of all of them are one another's, and a name that stood for
   * something else would carry out the wrong statement.
   */
  readonly serverName: string;
  /** Worth preparing: other statements have no plan to spare. */
  readonly plannable: boolean;
  readonly opensTransaction: boolean;
  /** Tag `operation` when the call gives none. */
  readonly label: string;
}

export class Statements {
  #byText = new Map<string, Statement>();
  get(text: string): Statement {
    const known = this.#byText.get(text);
    if (known !== undefined) return known;
    // Texts that are made at run time come without end.
    if (this.#byText.size >= mostTexts) this.#byText = new Map();
    const isPlannable = plannable.test(text);
    const made = {
      text,
      serverName: isPlannable ? nameOf(text) : '',
      plannable: isPlannable,
      opensTransaction: opening.test(text),
      label: labelOf(text),
    };
    this.#byText.set(text, made);
    return made;
  }
}

function nameOf(text: string): string {
  return `plimsoll_${createHash('sha256').update(text).digest('base64url').slice(0, 24)}`;
}

/** The text on one line, its start when it is long. Texts in it are `?`: they may be secret, and differ each time. */
export function labelOf(text: string): string {
  const line = maskTexts(text).trim().replace(/\s+/g, ' ');
  return line.length <= longestLabel ? line : `${line.slice(0, longestLabel - 3)}...`;
}

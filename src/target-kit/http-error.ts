// Refusals of a target's HTTP API: what a handler throws when the client, not the server, is at fault. Called by the
// handlers of targets, and by http-server.ts.

/** One field of a request that does not fit. */
export interface FieldMistake {
  readonly field: string;
  readonly expected: string;
  readonly found: string;
}

/** Answered with its status and a JSON body `{ error: { code, message, fields? } }`. */
export class HttpError extends Error {
  readonly status: number;
  readonly code: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly fields: readonly FieldMistake[];

  constructor(
    status: number,
    code: string,
    message: string,
    extra: { headers?: Readonly<Record<string, string>>; fields?: readonly FieldMistake[] } = {},
  ) {
    super(message);
    this.status = status;
    this.code = code;
    this.headers = extra.headers ?? {};
    this.fields = extra.fields ?? [];
  }
}

interface NumberRule {
  readonly kind: 'number' | 'integer';
  readonly min: number;
  readonly max: number;
}
interface TextRule {
  readonly kind: 'text';
  readonly oneOf?: readonly string[];
}
type Rule = NumberRule | TextRule;
type Fields<Rules> = { readonly [Key in keyof Rules]: Rules[Key] extends NumberRule ? number : string };

/** Reads the named fields of a JSON body. Throws a 400 that lists every field that does not fit. */
export function readFields<Rules extends Readonly<Record<string, Rule>>>(
  body: unknown,
  rules: Rules,
): Fields<Rules> {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw new HttpError(400, 'invalid_input', 'the body must be a JSON object');
  }
  const given = body as Readonly<Record<string, unknown>>;
  const fields: FieldMistake[] = [];
  for (const [field, rule] of Object.entries(rules)) {
    if (!fits(given[field], rule))
      fields.push({ field, expected: expectation(rule), found: shown(given[field]) });
  }
  if (fields.length > 0) {
    const names = fields.map((mistake) => mistake.field).join(', ');
    throw new HttpError(400, 'invalid_input', `these fields do not fit: ${names}`, { fields });
  }
  return given as Fields<Rules>;
}

/** A whole number from the query or the path. Throws a 400 outside of `min` to `max`. */
export function readInteger(field: string, text: string | null, min: number, max: number): number {
  const value = text !== null && /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= min && value <= max) return value;
  const rule = { kind: 'integer', min, max } as const;
  throw new HttpError(400, 'invalid_input', `${field} does not fit`, {
    fields: [{ field, expected: expectation(rule), found: shown(text ?? undefined) }],
  });
}

function fits(value: unknown, rule: Rule): boolean {
  if (rule.kind === 'text') {
    if (typeof value !== 'string' || value === '' || value.length > 200) return false;
    return rule.oneOf === undefined || rule.oneOf.includes(value);
  }
  if (typeof value !== 'number' || !Number.isFinite(value)) return false;
  return value >= rule.min && value <= rule.max && (rule.kind === 'number' || Number.isInteger(value));
}

function expectation(rule: Rule): string {
  if (rule.kind !== 'text') return `${rule.kind} from ${rule.min} to ${rule.max}`;
  return rule.oneOf === undefined ? 'text of 1 to 200 characters' : `one of ${rule.oneOf.join(', ')}`;
}

function shown(value: unknown): string {
  return value === undefined ? 'nothing' : (JSON.stringify(value) ?? String(value)).slice(0, 60);
}

// Names with values that a request carries: in its query, in a form, in a multipart body.

export type FieldValue = string | number | boolean | bigint;

/** Query parameters or form fields. A list repeats its name; `undefined` is left out. */
export type QueryFields =
  | Readonly<Record<string, FieldValue | readonly FieldValue[] | undefined>>
  | SearchParams;

/** `URLSearchParams` of the platform, whose types a suite may lack. */
interface SearchParams {
  append(name: string, value: string): void;
  getAll(name: string): string[];
  toString(): string;
}

/** A part of a multipart body; it is a file when it has a `filename`. */
export interface MultipartPart {
  readonly content: string | Uint8Array;
  readonly filename?: string;
  /** `application/octet-stream` for files and bytes when absent, none for text. */
  readonly contentType?: string;
}

export type MultipartValue = FieldValue | MultipartPart;

/** A list repeats its name; `undefined` is left out. */
export type MultipartFields = Readonly<
  Record<string, MultipartValue | readonly MultipartValue[] | undefined>
>;

// What is wrong with a document. Thrown by the readers of formats, told by analyse.ts.

export type DocumentErrorCode = 'invalid_pdf' | 'invalid_xml' | 'invalid_fattura';

export class DocumentError extends Error {
  readonly code: DocumentErrorCode;

  constructor(code: DocumentErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

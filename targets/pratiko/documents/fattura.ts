// Reads an electronic invoice in the format FatturaPA, and holds its sums against its lines. Called by analyse.ts.

import { DocumentError } from './document-error.ts';
import { analysePdf } from './pdf.ts';
import { type Element, parseXml } from './xml.ts';

export interface FatturaResult {
  readonly kind: 'fattura';
  /** `FPR12` between companies, `FPA12` to the public administration. */
  readonly transmission: string;
  readonly number: string;
  readonly date: string;
  readonly supplier: Party;
  readonly customer: Party;
  readonly lines: number;
  /** Euro; of all invoices of the file, as are the next two. */
  readonly taxable: number;
  readonly tax: number;
  readonly total: number;
}

interface Party {
  readonly vatNumber: string | null;
  readonly name: string;
}

/** What the Sistema di Interscambio lets pass: a cent on a line and on the tax, a euro on the taxable sum. */
const [lineToleranceCents, taxToleranceCents, taxableToleranceCents] = [1, 1, 100];

/**
 * Throws a `DocumentError` for what is not well-formed, for an element that is missing, and for sums that are wrong.
 *
 * **Source:** Agenzia delle Entrate, "Specifiche tecniche della fattura elettronica" 1.2.2: schema, and checks 00421 (tax),
 * 00422 (taxable sum) and 00423 (price of a line).
 */
export function analyseFattura(bytes: Buffer): FatturaResult {
  const root = parseXml(bytes.toString('utf8'));
  if (root.name !== 'FatturaElettronica') {
    throw wrong(`the root element is ${root.name} in place of FatturaElettronica`);
  }
  const transmission = root.attributes.get('versione') ?? '';
  if (transmission !== 'FPR12' && transmission !== 'FPA12') {
    throw wrong(`versione is ${JSON.stringify(transmission)} in place of FPR12 or FPA12`);
  }
  const header = only(root, 'FatturaElettronicaHeader');
  checkTransmission(only(header, 'DatiTrasmissione'), transmission);
  const bodies = all(root, 'FatturaElettronicaBody');
  if (bodies.length === 0) throw wrong('FatturaElettronica has no FatturaElettronicaBody');
  const invoices = bodies.map(readInvoice);
  const sum = (field: 'taxableCents' | 'taxCents') =>
    invoices.reduce((cents, invoice) => cents + invoice[field], 0);
  const [first] = invoices;
  return {
    kind: 'fattura',
    transmission,
    number: first!.number,
    date: first!.date,
    supplier: readParty(only(header, 'CedentePrestatore')),
    customer: readParty(only(header, 'CessionarioCommittente')),
    lines: invoices.reduce((count, { lines }) => count + lines, 0),
    taxable: sum('taxableCents') / 100,
    tax: sum('taxCents') / 100,
    total: (sum('taxableCents') + sum('taxCents')) / 100,
  };
}

function checkTransmission(element: Element, transmission: string): void {
  const sender = only(element, 'IdTrasmittente');
  matching(sender, 'IdPaese', /^[A-Z]{2}$/);
  matching(sender, 'IdCodice', /^\w{1,28}$/);
  matching(element, 'ProgressivoInvio', /^[\w/-]{1,10}$/);
  matching(element, 'FormatoTrasmissione', new RegExp(`^${transmission}$`));
  matching(element, 'CodiceDestinatario', transmission === 'FPR12' ? /^[A-Z\d]{7}$/ : /^[A-Z\d]{6}$/);
}

function readParty(element: Element): Party {
  const data = only(element, 'DatiAnagrafici');
  const vat = data.children.find(({ name }) => name === 'IdFiscaleIVA');
  const person = only(data, 'Anagrafica');
  const company = person.children.find(({ name }) => name === 'Denominazione')?.text;
  if (vat !== undefined && textOf(vat, 'IdPaese') === 'IT')
    matching(vat, 'IdCodice', /^(?:\d{11}|[A-Z\d]{16})$/);
  return {
    vatNumber: vat === undefined ? null : `${textOf(vat, 'IdPaese')}${textOf(vat, 'IdCodice')}`,
    name: company ?? `${textOf(person, 'Nome')} ${textOf(person, 'Cognome')}`,
  };
}

interface Invoice {
  readonly number: string;
  readonly date: string;
  readonly lines: number;
  readonly taxableCents: number;
  readonly taxCents: number;
}

function readInvoice(body: Element): Invoice {
  const general = only(only(body, 'DatiGenerali'), 'DatiGeneraliDocumento');
  matching(general, 'TipoDocumento', /^TD\d{2}$/);
  matching(general, 'Divisa', /^[A-Z]{3}$/);
  const goods = only(body, 'DatiBeniServizi');
  const lines = all(goods, 'DettaglioLinee');
  if (lines.length === 0) throw wrong('DatiBeniServizi has no DettaglioLinee');
  /** Cents of the lines by rate. */
  const byRate = new Map<number, number>();
  for (const line of lines) {
    const rate = amountOf(line, 'AliquotaIVA');
    byRate.set(rate, (byRate.get(rate) ?? 0) + readLine(line));
  }
  const summaries = all(goods, 'DatiRiepilogo').map((summary) => readSummary(summary));
  for (const [rate, cents] of byRate) {
    const declared = summaries
      .filter((summary) => summary.rate === rate)
      .reduce((sum, { taxableCents }) => sum + taxableCents, 0);
    if (Math.abs(declared - cents) > taxableToleranceCents) {
      throw wrong(
        `the lines at ${rate} % are ${euro(cents)} together, and DatiRiepilogo says ${euro(declared)} (check 00422)`,
      );
    }
  }
  for (const attachment of all(body, 'Allegati')) checkAttachment(attachment);
  return {
    number: matching(general, 'Numero', /^.{0,19}\d.{0,19}$/),
    date: matching(general, 'Data', /^\d{4}-\d{2}-\d{2}$/),
    lines: lines.length,
    taxableCents: summaries.reduce((sum, { taxableCents }) => sum + taxableCents, 0),
    taxCents: summaries.reduce((sum, { taxCents }) => sum + taxCents, 0),
  };
}

/** Cents of the line. */
function readLine(line: Element): number {
  const number = matching(line, 'NumeroLinea', /^\d{1,4}$/);
  textOf(line, 'Descrizione');
  const hasQuantity = line.children.some(({ name }) => name === 'Quantita');
  const quantity = hasQuantity ? amountOf(line, 'Quantita') : 1;
  const cents = toCents(amountOf(line, 'PrezzoTotale'));
  const computed = toCents(quantity * amountOf(line, 'PrezzoUnitario'));
  const isDiscounted = line.children.some(({ name }) => name === 'ScontoMaggiorazione');
  if (!isDiscounted && Math.abs(cents - computed) > lineToleranceCents) {
    throw wrong(
      `line ${number}: PrezzoTotale is ${euro(cents)}, and quantity times price ${euro(computed)} (check 00423)`,
    );
  }
  return cents;
}

function readSummary(summary: Element) {
  const rate = amountOf(summary, 'AliquotaIVA');
  const taxableCents = toCents(amountOf(summary, 'ImponibileImporto'));
  const taxCents = toCents(amountOf(summary, 'Imposta'));
  const computed = Math.round((taxableCents * rate) / 100);
  if (Math.abs(taxCents - computed) > taxToleranceCents) {
    throw wrong(`Imposta is ${euro(taxCents)}, and ${rate} % of the sum ${euro(computed)} (check 00421)`);
  }
  return { rate, taxableCents, taxCents };
}

/** What is attached as PDF must be one. */
function checkAttachment(attachment: Element): void {
  const bytes = Buffer.from(textOf(attachment, 'Attachment'), 'base64');
  if (bytes.length === 0) throw wrong('an attachment is empty');
  const format = attachment.children.find(({ name }) => name === 'FormatoAttachment')?.text;
  if (format?.toUpperCase() === 'PDF') analysePdf(bytes);
}

function all(parent: Element, name: string): Element[] {
  return parent.children.filter((child) => child.name === name);
}

function only(parent: Element, name: string): Element {
  const found = all(parent, name);
  if (found.length === 1) return found[0]!;
  throw wrong(`${parent.name} has ${found.length === 0 ? 'no' : found.length} ${name}`);
}

function textOf(parent: Element, name: string): string {
  const text = only(parent, name).text.trim();
  if (text === '') throw wrong(`${name} in ${parent.name} is empty`);
  return text;
}

function matching(parent: Element, name: string, pattern: RegExp): string {
  const text = textOf(parent, name);
  if (pattern.test(text)) return text;
  throw wrong(`${name} in ${parent.name} does not fit: ${JSON.stringify(text.slice(0, 40))}`);
}

function amountOf(parent: Element, name: string): number {
  return Number(matching(parent, name, /^-?\d{1,11}(?:\.\d{1,8})?$/));
}

/** Half a cent is rounded away from zero, whatever binary fractions make of it. */
function toCents(amount: number): number {
  return Math.sign(amount) * Math.round(Math.abs(amount) * 100 + 1e-6);
}

const euro = (cents: number): string => (cents / 100).toFixed(2);

function wrong(message: string): DocumentError {
  return new DocumentError('invalid_fattura', message);
}

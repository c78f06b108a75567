// The documents that users upload, DATA-4 of the README: invoices, F24 forms and tax returns as PDF, and electronic invoices
// as FatturaPA, each below 1 MB, of 1 to 5 MB, and above. Made from seeds, once per process. Called by uploads.ts.

import { createHash } from 'node:crypto';
import { deflateSync } from 'node:zlib';
import { type Invoice, makeFatturaPa, type Party, totalsOf } from './fattura-pa.ts';
import { makePdf, type PdfPage, type Scan } from './pdf.ts';

export const documentKinds = ['fattura', 'f24', 'dichiarazione', 'fattura_pa'] as const;
export const documentSizes = ['small', 'medium', 'large'] as const;
export type DocumentKind = (typeof documentKinds)[number];
export type DocumentSize = (typeof documentSizes)[number];

/** A document, and what the platform must find in it. */
export interface SampleDocument {
  readonly filename: string;
  readonly contentType: 'application/pdf' | 'application/xml';
  readonly content: Buffer;
  readonly expected: Readonly<Record<string, unknown>>;
}

/** The scanned pages of a document, A4: at 72 dots per inch 0.3 MB, at 150 dots 1.4 MB each. */
const coarse = { width: 595, height: 842 };
const fine = { width: 1240, height: 1754 };
const scanned = {
  small: [coarse],
  medium: [fine],
  large: [fine, fine, fine, fine],
} as const satisfies Readonly<Record<DocumentSize, readonly Omit<Scan, 'packed'>[]>>;

const made = new Map<string, SampleDocument>();
const scans = new Map<string, Scan>();

/** The same document at every call. The first takes some tens of ms. */
export function sampleDocument(kind: DocumentKind, size: DocumentSize): SampleDocument {
  const key = `${kind} ${size}`;
  const known = made.get(key);
  if (known !== undefined) return known;
  const seed = documentKinds.indexOf(kind) * 10 + documentSizes.indexOf(size) + 1;
  const document = kind === 'fattura_pa' ? electronicInvoice(size, seed) : pdfDocument(kind, size, seed);
  const sha256 = createHash('sha256').update(document.content).digest('hex');
  const whole = { ...document, expected: { ...document.expected, sha256 } };
  made.set(key, whole);
  return whole;
}

/** Makes all documents, so that none is made while requests are measured. */
export function makeDocuments(): void {
  for (const kind of documentKinds) for (const size of documentSizes) sampleDocument(kind, size);
}

function pdfDocument(
  kind: Exclude<DocumentKind, 'fattura_pa'>,
  size: DocumentSize,
  seed: number,
): SampleDocument {
  const invoice = invoiceOf(seed, 12);
  const { title, lines } = {
    fattura: { title: `Fattura ${invoice.number}`, lines: invoiceText(invoice) },
    f24: { title: 'Modello F24', lines: f24Text(invoice) },
    dichiarazione: { title: 'Dichiarazione dei redditi', lines: returnText(invoice) },
  }[kind];
  const pages: PdfPage[] = [{ lines }, ...scansFor(size).map((scan) => ({ scan }))];
  return {
    filename: `${kind}-${size}.pdf`,
    contentType: 'application/pdf',
    content: makePdf(title, pages),
    expected: { kind, pages: pages.length },
  };
}

function electronicInvoice(size: DocumentSize, seed: number): SampleDocument {
  const invoice = invoiceOf(seed, 40);
  // Base64 makes four bytes of three.
  const attached = size === 'small' ? {} : { attachment: attachmentFor(size) };
  const { net, iva, total } = totalsOf(invoice);
  return {
    filename: `IT${invoice.seller.vat}_${String(seed).padStart(5, '0')}.xml`,
    contentType: 'application/xml',
    content: makeFatturaPa({ ...invoice, ...attached }),
    expected: {
      kind: 'fattura',
      transmission: 'FPR12',
      number: invoice.number,
      date: invoice.date,
      lines: invoice.lines.length,
      taxable: net / 100,
      tax: iva / 100,
      total: total / 100,
    },
  };
}

const attachmentFor = (size: DocumentSize): NonNullable<Invoice['attachment']> => ({
  name: `fattura-${size}.pdf`,
  content: sampleDocument('fattura', size).content,
});

const scansFor = (size: DocumentSize): readonly Scan[] =>
  scanned[size].map(({ width, height }, page) => {
    const key = `${width} ${page}`;
    const scan = scans.get(key) ?? {
      width,
      height,
      packed: deflateSync(paperGrain(width * height, page + 1), { level: 1 }),
    };
    scans.set(key, scan);
    return scan;
  });

/** Light grey with the grain of paper: 32 greys, which no packing makes much smaller. */
function paperGrain(dotCount: number, seed: number): Uint8Array {
  const random = generator(seed);
  const grain = Uint8Array.from({ length: 1 << 17 }, () => 224 + Math.floor(random() * 32));
  const greys = new Uint8Array(dotCount);
  // Repeated at a distance beyond the 32 KB that deflate remembers.
  for (let at = 0; at < greys.length; at += grain.length) {
    greys.set(grain.subarray(0, Math.min(grain.length, greys.length - at)), at);
  }
  return greys;
}

const seller: Party = {
  vat: '00000000001',
  name: 'Test Company 1',
  address: 'Via Nazionale 1',
  postcode: '00184',
  town: 'Roma',
  province: 'RM',
};
const buyer: Party = {
  vat: '00000000002',
  name: 'Test Company 2',
  address: 'Corso Buenos Aires 2',
  postcode: '20124',
  town: 'Milano',
  province: 'MI',
};
const services = [
  'Consulenza fiscale ordinaria',
  'Tenuta della contabilità',
  'Elaborazione cedolini paga',
  'Invio telematico dichiarazioni',
  'Assistenza a verifiche e accertamenti',
];

function invoiceOf(seed: number, lineCount: number): Invoice {
  const random = generator(seed);
  const below = (limit: number): number => Math.floor(random() * limit);
  return {
    number: `2026/${String(1000 + seed)}`,
    date: `2026-0${1 + below(9)}-${String(1 + below(28)).padStart(2, '0')}`,
    seller,
    buyer,
    lines: Array.from({ length: lineCount }, (_, i) => ({
      description: services[i % services.length]!,
      quantity: 1 + below(20),
      price: 1500 + below(30_000),
    })),
    rate: 22,
  };
}

function invoiceText(invoice: Invoice): string[] {
  const { net, iva, total } = totalsOf(invoice);
  return [
    `FATTURA n. ${invoice.number} del ${invoice.date}`,
    `Cedente: ${invoice.seller.name}, P.IVA IT${invoice.seller.vat}`,
    `Cessionario: ${invoice.buyer.name}, P.IVA IT${invoice.buyer.vat}`,
    '',
    ...invoice.lines.map((line) => `${line.description}: ${line.quantity} x EUR ${euro(line.price)}`),
    '',
    `Imponibile: EUR ${euro(net)}`,
    `IVA ${invoice.rate}%: EUR ${euro(iva)}`,
    `Totale documento: EUR ${euro(total)}`,
  ];
}

function f24Text(invoice: Invoice): string[] {
  const { net, iva } = totalsOf(invoice);
  return [
    'MODELLO DI PAGAMENTO UNIFICATO F24',
    `Contribuente: ${invoice.seller.name}, codice fiscale ${invoice.seller.vat}`,
    '',
    'Sezione Erario',
    `Codice tributo 6001, anno 2026, importi a debito versati: EUR ${euro(iva)}`,
    `Codice tributo 4001, anno 2025, importi a debito versati: EUR ${euro(Math.round(net * 0.23))}`,
    'Sezione IMU e altri tributi locali',
    `Codice tributo 3918, codice ente H501, anno 2026: EUR ${euro(107_700)}`,
    '',
    `Saldo finale: EUR ${euro(iva + Math.round(net * 0.23) + 107_700)}`,
  ];
}

function returnText(invoice: Invoice): string[] {
  const { net } = totalsOf(invoice);
  return [
    'DICHIARAZIONE DEI REDDITI - Modello Redditi Persone Fisiche 2026',
    `Contribuente: ${invoice.buyer.name}, partita IVA ${invoice.buyer.vat}`,
    "Periodo d'imposta 2025",
    '',
    `Quadro RN, rigo RN1, reddito complessivo: EUR ${euro(net)}`,
    `Quadro RN, rigo RN5, imposta lorda: EUR ${euro(Math.round(net * 0.23))}`,
    `Quadro RV, addizionale regionale: EUR ${euro(Math.round(net * 0.0123))}`,
  ];
}

const euro = (cents: number): string => (cents / 100).toFixed(2).replace('.', ',');

/** Numbers from 0 to 1, the same for each seed (xorshift, 32 bits). */
function generator(seed: number): () => number {
  let state = (seed * 2_654_435_761) >>> 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state / 2 ** 32;
  };
}

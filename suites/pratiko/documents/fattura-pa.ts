// Writes electronic invoices in the format of the Sistema di Interscambio: FatturaPA 1.2, to a private customer (FPR12).
// Called by documents.ts.

export interface InvoiceLine {
  readonly description: string;
  readonly quantity: number;
  /** Cents. */
  readonly price: number;
}

export interface Party {
  readonly vat: string;
  readonly name: string;
  readonly address: string;
  readonly postcode: string;
  readonly town: string;
  /** Two letters. */
  readonly province: string;
}

export interface Invoice {
  readonly number: string;
  /** ISO 8601 day. */
  readonly date: string;
  readonly seller: Party;
  readonly buyer: Party;
  readonly lines: readonly InvoiceLine[];
  /** Percent, of all lines. */
  readonly rate: number;
  readonly attachment?: { readonly name: string; readonly content: Buffer };
}

/** Cents: the sum of the lines, the tax on it rounded half up, and both. */
export function totalsOf({ lines, rate }: Invoice): { net: number; iva: number; total: number } {
  const net = lines.reduce((sum, { quantity, price }) => sum + quantity * price, 0);
  const iva = Math.floor((net * rate + 50) / 100);
  return { net, iva, total: net + iva };
}

type Element = readonly [name: string, content: string | readonly Element[]];

/** Elements in the order that the official schema demands. */
export function makeFatturaPa(invoice: Invoice): Buffer {
  const { number, date, seller, buyer, lines, rate, attachment } = invoice;
  const { net, iva, total } = totalsOf(invoice);
  const header: Element = [
    'FatturaElettronicaHeader',
    [
      [
        'DatiTrasmissione',
        [
          ['IdTrasmittente', vatOf(seller)],
          ['ProgressivoInvio', number.replaceAll(/\D/g, '').slice(-10)],
          ['FormatoTrasmissione', 'FPR12'],
          ['CodiceDestinatario', '0000000'],
        ],
      ],
      ['CedentePrestatore', [identityOf(seller, [['RegimeFiscale', 'RF01']]), seatOf(seller)]],
      ['CessionarioCommittente', [identityOf(buyer, []), seatOf(buyer)]],
    ],
  ];
  const document: Element = [
    'DatiGeneraliDocumento',
    [
      ['TipoDocumento', 'TD01'],
      ['Divisa', 'EUR'],
      ['Data', date],
      ['Numero', number],
      ['ImportoTotaleDocumento', money(total)],
    ],
  ];
  const body: Element = [
    'FatturaElettronicaBody',
    [
      ['DatiGenerali', [document]],
      [
        'DatiBeniServizi',
        [
          ...lines.map((line, i) => lineOf(line, i + 1, rate)),
          [
            'DatiRiepilogo',
            [
              ['AliquotaIVA', rate.toFixed(2)],
              ['ImponibileImporto', money(net)],
              ['Imposta', money(iva)],
              ['EsigibilitaIVA', 'I'],
            ],
          ],
        ],
      ],
      [
        'DatiPagamento',
        [
          ['CondizioniPagamento', 'TP02'],
          [
            'DettaglioPagamento',
            [
              ['ModalitaPagamento', 'MP05'],
              ['ImportoPagamento', money(total)],
            ],
          ],
        ],
      ],
      ...(attachment === undefined ? [] : [attachmentOf(attachment)]),
    ],
  ];
  const namespace = 'http://ivaservizi.agenziaentrate.gov.it/docs/xsd/fatture/v1.2';
  const open = `<p:FatturaElettronica versione="FPR12" xmlns:p="${namespace}">`;
  const content = [header, body].map(written).join('');
  return Buffer.from(`<?xml version="1.0" encoding="UTF-8"?>\n${open}${content}</p:FatturaElettronica>\n`);
}

function lineOf({ description, quantity, price }: InvoiceLine, number: number, rate: number): Element {
  return [
    'DettaglioLinee',
    [
      ['NumeroLinea', String(number)],
      ['Descrizione', description],
      ['Quantita', quantity.toFixed(2)],
      ['PrezzoUnitario', money(price)],
      ['PrezzoTotale', money(quantity * price)],
      ['AliquotaIVA', rate.toFixed(2)],
    ],
  ];
}

const vatOf = ({ vat }: Party): readonly Element[] => [
  ['IdPaese', 'IT'],
  ['IdCodice', vat],
];

const identityOf = (party: Party, more: readonly Element[]): Element => [
  'DatiAnagrafici',
  [['IdFiscaleIVA', vatOf(party)], ['Anagrafica', [['Denominazione', party.name]]], ...more],
];

const seatOf = ({ address, postcode, town, province }: Party): Element => [
  'Sede',
  [
    ['Indirizzo', address],
    ['CAP', postcode],
    ['Comune', town],
    ['Provincia', province],
    ['Nazione', 'IT'],
  ],
];

const attachmentOf = ({ name, content }: NonNullable<Invoice['attachment']>): Element => [
  'Allegati',
  [
    ['NomeAttachment', name],
    ['FormatoAttachment', 'PDF'],
    ['Attachment', content.toString('base64')],
  ],
];

const money = (cents: number): string => (cents / 100).toFixed(2);

function written([name, content]: Element): string {
  const inner = typeof content === 'string' ? escaped(content) : content.map(written).join('');
  return `<${name}>${inner}</${name}>`;
}

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };
const escaped = (text: string): string => text.replaceAll(/[&<>]/g, (sign) => entities[sign]!);

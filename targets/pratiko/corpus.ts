// The knowledge base of the PratikoAI system: documents in Italian made of sentences about taxes, chosen by the seed.
// Called by schema.ts, and by knowledge.ts for its vectors.

interface Topic {
  readonly title: string;
  readonly sentences: readonly string[];
}

const topics: readonly Topic[] = [
  {
    title: 'Fatturazione elettronica e Sistema di Interscambio',
    sentences: [
      'La normativa sulla fatturazione elettronica obbliga i soggetti residenti a trasmettere le fatture al Sistema di Interscambio.',
      'Il file della fattura elettronica segue il formato FatturaPA e riporta il codice destinatario o la posta certificata.',
      'La fattura scartata dal Sistema di Interscambio si considera non emessa.',
      'La conservazione digitale delle fatture elettroniche dura dieci anni.',
    ],
  },
  {
    title: "Aliquote dell'imposta sul valore aggiunto",
    sentences: [
      "L'aliquota ordinaria dell'IVA è pari al 22 per cento della base imponibile.",
      'Le aliquote ridotte del 4, 5 e 10 per cento si applicano ai beni elencati nella tabella A.',
      "La liquidazione periodica dell'imposta avviene ogni mese oppure ogni trimestre.",
      "Il diritto alla detrazione dell'IVA sorge quando l'imposta diviene esigibile.",
    ],
  },
  {
    title: 'Regime forfettario per persone fisiche',
    sentences: [
      'Il regime forfettario è riservato alle persone fisiche con ricavi fino a 85.000 euro.',
      "Il contribuente forfettario non addebita l'IVA in fattura e non opera ritenute.",
      'I requisiti del regime si verificano sui ricavi percepiti nel periodo precedente.',
      'Il superamento di 100.000 euro comporta la decadenza immediata dal regime agevolato.',
    ],
  },
  {
    title: 'Trasformazione e riorganizzazione di società',
    sentences: [
      'La trasformazione di una SRL in SPA è fiscalmente neutra e non realizza plusvalenze.',
      "La società trasformata conserva i rapporti giuridici e la posizione fiscale anteriori all'operazione.",
      'La relazione di stima del patrimonio accompagna la delibera di trasformazione progressiva.',
      'Le perdite pregresse restano riportabili nei limiti previsti dal testo unico.',
    ],
  },
  {
    title: 'Agevolazioni per le startup innovative',
    sentences: [
      'Le startup innovative accedono al credito di imposta per attività di ricerca e sviluppo.',
      'La detrazione per chi investe nel capitale di startup innovative dipende dal periodo di detenzione.',
      'La pianificazione fiscale di una startup tiene conto delle perdite dei primi esercizi.',
      'I piani di incentivazione con strumenti finanziari non concorrono al reddito dei dipendenti.',
    ],
  },
  {
    title: 'Imposta municipale propria',
    sentences: [
      "La base imponibile dell'IMU deriva dalla rendita catastale rivalutata del 5 per cento.",
      "Il comune delibera le aliquote dell'imposta municipale entro i limiti fissati dalla legge.",
      "L'abitazione principale non di lusso è esente dal pagamento dell'imposta.",
      "Il versamento dell'acconto scade il 16 giugno e quello del saldo il 16 dicembre.",
    ],
  },
  {
    title: 'Imposta sul reddito delle persone fisiche',
    sentences: [
      "L'imposta lorda si determina applicando al reddito complessivo le aliquote per scaglioni.",
      'Le addizionali regionale e comunale si calcolano sul reddito imponibile ai fini IRPEF.',
      'Le detrazioni per lavoro dipendente decrescono con il crescere del reddito.',
      "La dichiarazione dei redditi espone l'imposta dovuta e gli acconti già versati.",
    ],
  },
  {
    title: 'Versamenti unitari con modello F24',
    sentences: [
      'Il modello F24 consente la compensazione orizzontale di crediti e debiti di natura diversa.',
      "I codici tributo identificano l'imposta versata e il periodo di riferimento.",
      'La delega di pagamento si presenta esclusivamente con i servizi telematici.',
      "Il visto di conformità è richiesto per compensazioni superiori a 5.000 euro l'anno.",
    ],
  },
  {
    title: 'Ravvedimento operoso e sanzioni tributarie',
    sentences: [
      'Il ravvedimento operoso riduce la sanzione per chi regolarizza spontaneamente la violazione.',
      'Gli interessi legali si calcolano giorno per giorno fino alla data del pagamento.',
      'La sanzione per omesso versamento è commisurata al ritardo.',
      "L'adesione al processo verbale preclude alcune forme di ravvedimento.",
    ],
  },
  {
    title: 'Operazioni intracomunitarie e inversione contabile',
    sentences: [
      'Gli acquisti intracomunitari si integrano con il meccanismo dell’inversione contabile.',
      'I servizi generici resi a soggetti passivi esteri seguono la regola del committente.',
      "L'iscrizione nella banca dati VIES è condizione per le cessioni non imponibili.",
      'Gli elenchi riepilogativi Intrastat si presentano entro il 25 del mese successivo.',
    ],
  },
];

const generalSentences = [
  "L'Agenzia delle Entrate fornisce chiarimenti con riferimento ai quesiti pervenuti dalle associazioni di categoria.",
  'Le istruzioni operative sono rivolte agli uffici territoriali e ai contribuenti interessati.',
  'Restano ferme le disposizioni transitorie emanate in occasione dei precedenti interventi normativi.',
  'Gli intermediari abilitati trasmettono le comunicazioni entro i termini ordinari.',
  'Le imprese di minori dimensioni possono avvalersi di modalità semplificate di tenuta della contabilità.',
  'Il contribuente conserva la documentazione a disposizione degli organi di controllo.',
  'La presente disposizione si applica dal periodo di imposta in corso alla data di entrata in vigore.',
  'Per quanto non espressamente previsto si rinvia alla disciplina generale.',
];

/** Of a document's sentences, from 8 to 24 of them. */
const [fewest, spread] = [8, 17];

const text = (value: string) => `'${value.replaceAll("'", "''")}'`;
const list = (values: readonly string[]) => `ARRAY[${values.map(text).join(', ')}]`;

/** What full-text search looks at: the first column counts for more than the second. */
export function vectorOf(heading: string, body: string): string {
  return `setweight(to_tsvector('italian', ${heading}), 'A') || setweight(to_tsvector('italian', ${body}), 'B')`;
}

/** The statement that inserts them, with vectors yet to be computed; needs `pg_temp.unit`. */
export function corpusRows(count: number): string {
  const perTopic = topics[0]!.sentences.length;
  const kinds = ['circolare', 'circolare', 'legge', 'risoluzione', 'provvedimento', 'guida'];
  return `
INSERT INTO knowledge (kind, number, year, title, body, vector)
  SELECT kind, number, year,
    initcap(kind) || ' n. ' || number || CASE WHEN kind IN ('circolare', 'risoluzione') THEN '/E' ELSE '' END ||
      ' del ' || year || ' - ' || (${list(topics.map(({ title }) => title))})[topic],
    (SELECT string_agg(CASE WHEN pg_temp.unit(i, 20 + k) < 0.6
        THEN (${list(topics.flatMap(({ sentences }) => sentences))})
          [(topic - 1) * ${perTopic} + 1 + floor(pg_temp.unit(i, 60 + k) * ${perTopic})::int]
        ELSE (${list(generalSentences)})[1 + floor(pg_temp.unit(i, 60 + k) * ${generalSentences.length})::int] END,
        ' ' ORDER BY k)
      FROM generate_series(1, ${fewest} + floor(pg_temp.unit(i, 5) * ${spread})::int) AS k),
    ''
  FROM (SELECT i, (${list(kinds)})[1 + floor(pg_temp.unit(i, 1) * ${kinds.length})::int] AS kind,
      1 + floor(pg_temp.unit(i, 2) * 120)::int AS number, 2015 + floor(pg_temp.unit(i, 3) * 11)::int AS year,
      1 + floor(pg_temp.unit(i, 4) * ${topics.length})::int AS topic
    FROM generate_series(1, ${count}) AS i) AS made ORDER BY i`;
}

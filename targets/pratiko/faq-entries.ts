// The frequent questions of the PratikoAI system with their answers. Called by schema.ts.

interface Entry {
  readonly topic: string;
  readonly question: string;
  readonly answer: string;
}

const entries: readonly Entry[] = [
  {
    topic: 'iva',
    question: "Come calcolare l'IVA?",
    answer:
      "L'IVA si calcola moltiplicando l'imponibile per l'aliquota: 22 % ordinaria, 10 %, 5 % o 4 % ridotte. Per scorporarla da un prezzo ivato si divide il totale per 1 più l'aliquota.",
  },
  {
    topic: 'scadenze',
    question: 'Scadenze fiscali per SRL',
    answer:
      'Una SRL versa IVA e ritenute entro il 16 di ogni mese, deposita il bilancio entro 30 giorni dalla sua approvazione, e versa saldo e primo acconto di IRES e IRAP entro la fine del sesto mese dopo la chiusura.',
  },
  {
    topic: 'forfettario',
    question: 'Regime forfettario requisiti',
    answer:
      'Accede al regime forfettario chi ha ricavi o compensi fino a 85.000 euro, spese per lavoro dipendente fino a 20.000 euro, e nessuna partecipazione di controllo in società con attività riconducibile.',
  },
  {
    topic: 'forfettario',
    question: "Qual è l'imposta sostitutiva del regime forfettario?",
    answer:
      "L'imposta sostitutiva è del 15 %, del 5 % per i primi cinque anni di una nuova attività; si calcola sui ricavi moltiplicati per il coefficiente di redditività, meno i contributi versati.",
  },
  {
    topic: 'fattura elettronica',
    question: 'Entro quando si invia una fattura elettronica?',
    answer:
      "La fattura immediata si trasmette al Sistema di Interscambio entro 12 giorni dall'operazione; quella differita entro il 15 del mese successivo.",
  },
  {
    topic: 'fattura elettronica',
    question: 'Che cosa fare se il Sistema di Interscambio scarta una fattura?',
    answer:
      'Una fattura scartata si considera non emessa: si corregge e si trasmette di nuovo entro cinque giorni dalla notifica di scarto, con lo stesso numero e la stessa data.',
  },
  {
    topic: 'f24',
    question: 'Come si compila il modello F24?',
    answer:
      'Nel modello F24 si indicano codice tributo, anno di riferimento, importi a debito e a credito di ogni sezione; il saldo finale è la somma dei saldi delle sezioni. I titolari di partita IVA lo inviano per via telematica.',
  },
  {
    topic: 'f24',
    question: 'Come compensare i crediti nel modello F24?',
    answer:
      "I crediti si compensano nella colonna a credito del modello F24; sopra 5.000 euro l'anno serve il visto di conformità, e il modello si invia dal decimo giorno dopo la dichiarazione.",
  },
  {
    topic: 'irpef',
    question: 'Quali sono gli scaglioni IRPEF?',
    answer:
      "L'IRPEF si calcola per scaglioni di reddito: fino a 28.000 euro, da 28.000 a 50.000 e oltre 50.000, con aliquote crescenti; si aggiungono le addizionali regionale e comunale.",
  },
  {
    topic: 'irpef',
    question: 'Che cosa sono le addizionali regionale e comunale?',
    answer:
      "Sono quote dell'imposta sul reddito che spettano alla regione e al comune del domicilio fiscale al primo gennaio; regioni e comuni ne fissano le aliquote entro i limiti di legge.",
  },
  {
    topic: 'imu',
    question: "Chi paga l'IMU sulla prima casa?",
    answer:
      "L'abitazione principale è esente dall'IMU, salvo le categorie A/1, A/8 e A/9, che pagano con una detrazione di 200 euro.",
  },
  {
    topic: 'imu',
    question: "Quando si versa l'IMU?",
    answer: "L'IMU si versa in due rate: l'acconto entro il 16 giugno e il saldo entro il 16 dicembre.",
  },
  {
    topic: 'ires',
    question: "Qual è l'aliquota IRES?",
    answer: "L'aliquota dell'IRES è del 24 % sul reddito imponibile delle società di capitali.",
  },
  {
    topic: 'irap',
    question: "Chi è soggetto all'IRAP?",
    answer:
      "Sono soggette all'IRAP le società e gli enti con un'attività autonomamente organizzata; dal 2022 non la versano più le persone fisiche che esercitano attività d'impresa o professioni.",
  },
  {
    topic: 'dichiarazione',
    question: 'Quando si presenta la dichiarazione dei redditi?',
    answer:
      'Il modello Redditi si presenta per via telematica entro il 31 ottobre, il modello 730 entro il 30 settembre.',
  },
  {
    topic: 'dichiarazione',
    question: 'Come correggere una dichiarazione dei redditi?',
    answer:
      'Entro il termine si presenta una dichiarazione correttiva, dopo il termine una integrativa, con ravvedimento operoso per le imposte non versate.',
  },
  {
    topic: 'ravvedimento',
    question: 'Come funziona il ravvedimento operoso?',
    answer:
      'Chi regolarizza da sé versa imposta, interessi legali e una sanzione ridotta, che cresce con i giorni di ritardo: il modello F24 li indica con codici tributo distinti.',
  },
  {
    topic: 'ritenute',
    question: "Quando si applica la ritenuta d'acconto?",
    answer:
      "Il committente sostituto d'imposta trattiene il 20 % dei compensi di lavoro autonomo e lo versa entro il 16 del mese successivo; i forfettari ne sono esclusi.",
  },
  {
    topic: 'reverse charge',
    question: "Quando si usa l'inversione contabile?",
    answer:
      "Con l'inversione contabile l'IVA è dovuta da chi compra: vale per subappalti edili, rottami, acquisti intracomunitari e servizi da soggetti esteri.",
  },
  {
    topic: 'startup',
    question: 'Quali agevolazioni hanno le startup innovative?',
    answer:
      'Le startup innovative hanno esonero da diritti di segreteria, detrazioni per chi vi investe, e facilitazioni per i piani di azioni ai dipendenti.',
  },
];

/** The statement that inserts them; vectors are computed afterwards. */
export function faqRows(): string {
  const text = (value: string) => `'${value.replaceAll("'", "''")}'`;
  const rows = entries.map(
    ({ topic, question, answer }) => `(${[topic, question, answer].map(text).join(', ')}, '', now())`,
  );
  return `INSERT INTO faq (topic, question, answer, vector, updated_at) VALUES ${rows.join(',\n')}`;
}

// Who uses the platform, and what they do. The everyday mix is MIX-8 of the README; the others are there for its market
// requirements (SLO-14).

import type { UserDefinition } from 'plimsoll';
import { useAccount } from './requests/account.ts';
import { deleteData, exportData, makeComplianceReport, readAuditLog } from './requests/compliance.ts';
import {
  searchFullText,
  searchKnowledge,
  searchRegulations,
  searchSimply,
  updateIndex,
} from './requests/knowledge.ts';
import { logIn } from './requests/platform.ts';
import { askComplexQuestion, askFrequentQuestion } from './requests/questions.ts';
import { calculateBulk, calculateComplexTax, calculateSimpleTax, calculateTax } from './requests/taxes.ts';
import { uploadDocument, uploadOf } from './requests/uploads.ts';

export const users = {
  professional: {
    description: 'A tax adviser at work: questions, calculations, documents, searches',
    thinkTime: ['200ms', '600ms'],
    onStart: logIn,
    tasks: {
      simple_query: { weight: 30, run: askFrequentQuestion },
      complex_query: { weight: 25, run: askComplexQuestion },
      tax_calculation: { weight: 20, run: calculateTax },
      document_upload: { weight: 10, run: uploadDocument },
      knowledge_search: { weight: 10, run: searchKnowledge },
      user_operations: { weight: 5, run: useAccount },
    },
  },
  calculator: {
    description: 'Taxes alone: one, several, a hundred at once',
    thinkTime: ['500ms', '1500ms'],
    onStart: logIn,
    tasks: {
      tax_simple: { weight: 50, run: calculateSimpleTax },
      tax_complex: { weight: 30, run: calculateComplexTax },
      tax_bulk: { weight: 20, run: calculateBulk },
    },
  },
  archivist: {
    description: 'Documents alone, of every size',
    thinkTime: ['1s', '2s'],
    onStart: logIn,
    tasks: {
      document_small: { weight: 50, run: uploadOf('small') },
      document_medium: { weight: 30, run: uploadOf('medium') },
      document_large: { weight: 20, run: uploadOf('large') },
    },
  },
  researcher: {
    description: 'Searches alone: a word, regulations, full text',
    thinkTime: ['500ms', '1500ms'],
    onStart: logIn,
    tasks: {
      search_simple: { weight: 40, run: searchSimply },
      search_regulatory: { weight: 30, run: searchRegulations },
      search_full_text: { weight: 30, run: searchFullText },
    },
  },
  privacy_officer: {
    description: 'Data protection and audits',
    thinkTime: ['1s', '3s'],
    onStart: logIn,
    tasks: {
      gdpr_export: { weight: 25, run: exportData },
      gdpr_deletion: { weight: 25, run: deleteData },
      audit_log: { weight: 25, run: readAuditLog },
      compliance_report: { weight: 25, run: makeComplianceReport },
    },
  },
  indexer: {
    description: 'The update of the search index, in the background',
    thinkTime: '5s',
    tasks: { index_update: { run: updateIndex } },
  },
} satisfies Record<string, UserDefinition>;

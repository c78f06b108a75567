import { expect, test } from 'vitest';
import { reportFormats } from '../../report/report.ts';
import { formatNames } from './shared-options.ts';

test('the help names every report format', () => {
  expect(formatNames.split(',')).toEqual(reportFormats);
});

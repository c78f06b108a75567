import { expect, test } from 'vitest';
import { limitsTable, softLimit } from './limits.ts';
import { Proc } from './proc.ts';

const limits = `Limit                     Soft Limit           Hard Limit           Units
Max stack size            8388608              unlimited            bytes
Max processes             unlimited            unlimited            processes
Max open files            1024                 1048576              files
`;

test('a soft limit is told with its unit, as the system writes it', () => {
  expect(softLimit(limits, 'Max open files')).toBe('1024 files');
  expect(softLimit(limits, 'Max processes')).toBe('unlimited');
  expect(softLimit(limits, 'Max resident set')).toBeUndefined();
});

test.runIf(process.platform === 'linux')(
  'what is in use of this very process stands beside its limits',
  () => {
    const proc = new Proc('');
    const { rows, title } = limitsTable(proc, proc.stat(process.pid)!, proc.pageBytes());
    expect(title).toContain(`process ${process.pid}`);
    const open = rows.find(([name]) => name === 'Max open files');
    expect(open![2]).toMatch(/^\d+ open$/);
  },
);

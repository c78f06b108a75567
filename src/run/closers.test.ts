import { expect, test } from 'vitest';
import { createClosers } from './closers.ts';

test('closes what was opened last first, each thing once', async () => {
  const closers = createClosers();
  const closed: string[] = [];
  closers.add(() => void closed.push('journal'));
  closers.add(async () => void closed.push('log'));
  closers.add(() => void closed.push('outputs'));
  await closers.closeAll();
  await closers.closeAll();
  expect(closed).toEqual(['outputs', 'log', 'journal']);
});

test('goes on when something cannot be closed, and throws the first failure', async () => {
  const closers = createClosers();
  const closed: string[] = [];
  closers.add(() => void closed.push('journal'));
  closers.add(() => Promise.reject(new Error('second')));
  closers.add(() => {
    throw new Error('first');
  });
  await expect(closers.closeAll()).rejects.toThrow('first');
  expect(closed).toEqual(['journal']);
});

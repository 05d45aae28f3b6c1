import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, test } from 'vitest';
import {
  isAlive,
  newDirectoryName,
  ownIdentity,
  parseDirectoryName,
  SILENCE_MS,
} from '../../src/delivery/process-identity.ts';

describe('who owns a directory', () => {
  test('the name says it, and is new every time', () => {
    expect(parseDirectoryName(newDirectoryName())).toEqual(ownIdentity());
    expect(newDirectoryName()).not.toBe(newDirectoryName());
  });

  test.each(['dead-letters', 'quarantine', '12', '12-ab', 'x-ab.1-cd', '12-ab.1-cd.tmp'])('%s has no owner', (name) => {
    expect(parseDirectoryName(name)).toBeUndefined();
  });

  test('this process lives; with another start time it was a former one with the same pid', () => {
    expect(isAlive(ownIdentity(), 0)).toBe(true);
    expect(isAlive({ ...ownIdentity(), start: '1' }, 0)).toBe(process.platform !== 'linux');
  });

  test('a process lives until it has ended', async () => {
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
    const owner = { ...ownIdentity(), pid: child.pid ?? 0, start: '0' };
    expect(isAlive(owner, 0)).toBe(true);
    child.kill();
    await once(child, 'close');
    expect(isAlive(owner, 0)).toBe(false);
  });

  test('of another machine or container, only its heartbeat is known', () => {
    const elsewhere = { ...ownIdentity(), machine: '00000000' };
    expect(isAlive(elsewhere, SILENCE_MS - 1)).toBe(true);
    expect(isAlive(elsewhere, SILENCE_MS)).toBe(false);
  });

  test('a directory of this process that nobody touches any more was a terminated worker thread’s', () => {
    expect(isAlive(ownIdentity(), SILENCE_MS)).toBe(false);
  });
});

import { describe, expect, test } from 'vitest';
import { GroupSync } from '../../src/delivery/group-sync.ts';

function setUp(): { group: GroupSync; runs: { finish: () => void; fail: (error: Error) => void }[] } {
  const runs: ReturnType<typeof setUp>['runs'] = [];
  const group = new GroupSync(() => new Promise((finish, fail) => void runs.push({ finish, fail })));
  return { group, runs };
}

const tick = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

describe('group sync', () => {
  test('who comes during a run shares the next one', async () => {
    const { group, runs } = setUp();
    const first = group.run();
    await tick();
    const later = [group.run(), group.run(), group.run()];
    await tick();
    expect(runs).toHaveLength(1);
    runs[0]?.finish();
    await first;
    await tick();
    expect(runs).toHaveLength(2);
    runs[1]?.finish();
    await Promise.all(later);
    expect(runs).toHaveLength(2);
  });

  test('a run that fails fails those who waited for it, and nobody else', async () => {
    const { group, runs } = setUp();
    const first = group.run();
    await tick();
    const second = group.run();
    runs[0]?.fail(new Error('EIO'));
    await expect(first).rejects.toThrow('EIO');
    await tick();
    runs[1]?.finish();
    await expect(second).resolves.toBeUndefined();
  });
});

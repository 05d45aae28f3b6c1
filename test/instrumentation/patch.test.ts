import { describe, expect, test } from 'vitest';
import { replaceMethod } from '../../src/instrumentation/patch.ts';

function target(): { greet(name: string): string } {
  return { greet: (name) => `hello ${name}` };
}

describe('replaceMethod', () => {
  test('replaces in place and restores the very same function', () => {
    const object = target();
    const original = object.greet;
    const before = Object.getOwnPropertyDescriptor(object, 'greet');
    const patch = replaceMethod(object, 'greet', (greet) => (name) => greet(name).toUpperCase());
    expect(object.greet('ada')).toBe('HELLO ADA');
    patch.restore();
    expect(object.greet).toBe(original);
    expect(Object.getOwnPropertyDescriptor(object, 'greet')).toEqual(before);
  });

  test('looks like the original', () => {
    const object = target();
    const { name, length } = object.greet;
    replaceMethod(
      object,
      'greet',
      (greet) =>
        (...parameters) =>
          greet(...parameters),
    );
    expect([object.greet.name, object.greet.length]).toEqual([name, length]);
  });

  test("leaves somebody else's wrapper in place, and ours passes through", () => {
    const object = target();
    const patch = replaceMethod(object, 'greet', (greet, isActive) => (name) => (isActive() ? 'ours' : greet(name)));
    const ours = object.greet;
    object.greet = (name) => `[${ours(name)}]`;
    patch.restore();
    expect(object.greet('ada')).toBe('[hello ada]');
  });

  test('restores an inherited method by uncovering it', () => {
    class Greeter {
      greet(): string {
        return 'hi';
      }
    }
    const object = new Greeter();
    const patch = replaceMethod(object, 'greet', () => () => 'patched');
    expect(object.greet()).toBe('patched');
    patch.restore();
    expect(Object.hasOwn(object, 'greet')).toBe(false);
    expect(object.greet()).toBe('hi');
  });
});

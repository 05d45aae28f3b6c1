import { describe, expect, test } from 'vitest';
import { traceAttributes } from '../../src/langfuse/trace.ts';
import { spanOf } from '../support/span-view.ts';

function environment(name: string): unknown {
  return traceAttributes({ environment: name }, spanOf({}), false)['langfuse.environment'];
}

describe('trace attributes', () => {
  test('environment and release of the process; a mark on the top', () => {
    expect(traceAttributes({ environment: 'prod', release: 'v1' }, spanOf({}), true)).toEqual({
      'langfuse.environment': 'prod',
      'langfuse.release': 'v1',
      'langfuse.internal.as_root': true,
    });
    expect(traceAttributes({}, spanOf({}), false)).toEqual({});
  });

  test('an environment that Langfuse would reject with the span is made acceptable', () => {
    expect(environment('Production EU')).toBe('production-eu');
    expect(environment('langfuse-prod')).toBe('prod');
    expect(environment('x'.repeat(60))).toHaveLength(40);
  });

  test('the resource’s environment holds where nothing else is set', () => {
    const span = spanOf({ resource: { 'deployment.environment.name': 'Staging/2' } });
    expect(traceAttributes({}, span, false)).toEqual({ 'langfuse.environment': 'staging-2' });
    expect(traceAttributes({ environment: 'prod' }, span, false)).toEqual({ 'langfuse.environment': 'prod' });
  });
});

import type { SpanView } from '../../model/span.ts';

/** Seconds from the start of a span to the first event of this name. Streams begin to answer with one. */
export function timeToEvent(
  { events, startTime }: Pick<SpanView, 'events' | 'startTime'>,
  isNamed: (name: string) => boolean,
): number | undefined {
  const time = events.find(({ name }) => isNamed(name))?.time;
  return time && time[0] - startTime[0] + (time[1] - startTime[1]) / 1e9;
}

/** So much is worked on at a time: what one request needs in memory, and how long others wait for their turn. */
const MAX_ITEMS = 2_000;
const MAX_BYTES = 8 * 1024 * 1024;

/** The items in their order, some at a time; at least one slice, which may be empty. */
export function* inSlices<T>(items: readonly T[], sizeOf: (item: T) => number = () => 0): Generator<readonly T[]> {
  let slice: T[] = [];
  let bytes = 0;
  for (const item of items) {
    const size = sizeOf(item);
    if (slice.length === MAX_ITEMS || (slice.length > 0 && bytes + size > MAX_BYTES)) {
      yield slice;
      [slice, bytes] = [[], 0];
    }
    slice.push(item);
    bytes += size;
  }
  yield slice;
}

/** Adds to a map that is to hold at most `maximum` entries: the oldest gives way. */
export function setBounded<K, V>(map: Map<K, V>, key: K, value: V, maximum: number): void {
  if (map.size >= maximum && !map.has(key)) {
    for (const oldest of map.keys()) {
      map.delete(oldest);
      break;
    }
  }
  map.set(key, value);
}

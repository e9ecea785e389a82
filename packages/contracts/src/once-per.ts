/**
 * Returns a function that makes something once for each object, such as what follows from a definition. It is forgotten with the
 * object.
 *
 * @param make does not return undefined
 */
export function oncePer<Key extends object, Made extends NonNullable<unknown>>(
  make: (key: Key) => Made,
): (key: Key) => Made {
  const made = new WeakMap<Key, Made>();
  return (key) => {
    const known = made.get(key);
    if (known !== undefined) return known;
    const result = make(key);
    made.set(key, result);
    return result;
  };
}

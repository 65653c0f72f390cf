// The methods of a class, with those that it inherits.

/** Methods for subclasses only, by the class that has them. */
const PROTECTED: Readonly<Record<string, readonly string[]>> = {
  DeviceQueries: ['select', 'nameOf'],
  PoolThins: ['send'],
  StorageLayers: ['deletePendingNow'],
};

/** The names of the public methods of a class, with the class that has each. */
export function methodsOf(
  of: abstract new (...args: never) => unknown,
): readonly (readonly [name: string, prototype: object])[] {
  const found = new Map<string, object>();
  for (
    let prototype: object = of.prototype as object;
    prototype !== Object.prototype && prototype !== null;
    prototype = Object.getPrototypeOf(prototype) as object
  ) {
    for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(prototype))) {
      const hidden = PROTECTED[prototype.constructor.name] ?? [];
      const isPublic = name !== 'constructor' && !hidden.includes(name);
      if (isPublic && typeof value === 'function' && !found.has(name)) found.set(name, prototype);
    }
  }
  return [...found];
}

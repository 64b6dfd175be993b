/**
 * Reads answers without setting anything in motion. In some SDKs a getter begins the work, and returns a promise that
 * somebody then has to handle: so accessors are not there for this client, only values that are.
 */

/**
 * The value of a data property, own or inherited; `undefined` for an accessor, without an object, and where a proxy does
 * not say. Never throws.
 */
export function dataOf(value: unknown, name: PropertyKey): unknown {
  if ((typeof value !== "object" && typeof value !== "function") || value === null) return undefined;
  try {
    for (let holder: object | null = value; holder !== null; holder = Object.getPrototypeOf(holder)) {
      const property = Object.getOwnPropertyDescriptor(holder, name);
      // An accessor hides what lies further up.
      if (property !== undefined) return property.value;
    }
  } catch {
    // The trap of a proxy that throws, or one that has been revoked.
  }
  return undefined;
}

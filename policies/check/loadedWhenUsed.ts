import Module from "node:module";

type Load = (request: string, parent: unknown, isMain: boolean) => unknown;

/**
 * Loads something with a few of the modules it requires put off: each is loaded when a property of it is first read.
 * @param requests - As the code writes them in `require`.
 */
export function loadedWhenUsed<T>(requests: ReadonlySet<string>, load: () => T): T {
  const loader = Module as unknown as { _load: Load };
  const original = loader._load;
  loader._load = function deferring(request, parent, isMain) {
    const now = (): unknown => original.call(this, request, parent, isMain);
    return requests.has(request) ? standIn(now) : now();
  };
  try {
    return load();
  } finally {
    loader._load = original;
  }
}

/** `__esModule` keeps the compiled `import * as` from copying the properties, which would load the module at once. */
function standIn(load: () => unknown): object {
  let loaded: object | undefined;
  const module = (): object => {
    loaded ??= Object(load()) as object;
    return loaded;
  };
  return new Proxy(
    {},
    {
      get: (_, property) => (property === "__esModule" ? true : Reflect.get(module(), property)),
      has: (_, property) => property === "__esModule" || Reflect.has(module(), property),
    },
  );
}

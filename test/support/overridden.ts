/** An object whose named members are others; everything else is its own. */
export const overridden = <Target extends object>(target: Target, members: Partial<Target>): Target =>
  new Proxy(target, {
    get: (own, name) => {
      if (Object.hasOwn(members, name)) return Reflect.get(members, name) as unknown;
      const value = Reflect.get(own, name) as unknown;
      return typeof value === 'function' ? (value.bind(own) as unknown) : value;
    },
  });

// Numbers that know their unit. The unit is a type and nothing at run time: a plain number may become any
// quantity, one quantity never another.

declare const unit: unique symbol;

/** A number of `Unit`. Arithmetic makes a plain number of it, which may be anything again. */
export type Quantity<Unit extends string, N extends bigint | number = bigint> = N & {
  readonly [unit]?: Unit;
};

/** Bytes: a bigint, or with `Bytes<number>` a number where there are never many. */
export type Bytes<N extends bigint | number = bigint> = Quantity<'bytes', N>;

// Numbers with a unit. The unit exists in the type only, not at run time. A plain number is accepted as any quantity,
// but one quantity is never accepted as another.

declare const unit: unique symbol;

/** A number of `Unit`. The result of arithmetic is a plain number, which is accepted as any quantity again. */
export type Quantity<Unit extends string, N extends bigint | number = bigint> = N & {
  readonly [unit]?: Unit;
};

/** Bytes: a bigint, or with `Bytes<number>` a number for values that are always small. */
export type Bytes<N extends bigint | number = bigint> = Quantity<'bytes', N>;

// The storage driver's part of `docker info`.

/** Keys and values in Docker's order. */
export type Status = readonly (readonly [key: string, value: string])[];

/** Parse the storage driver's part of `docker info`. */
export async function driverStatus(
  docker: (...args: readonly string[]) => Promise<string>,
): Promise<Status> {
  return JSON.parse(await docker('info', '--format', '{{json .DriverStatus}}'));
}

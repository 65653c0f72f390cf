// What `docker info` tells of the storage driver.

/** Keys and values in Docker's order. */
export type Status = readonly (readonly [key: string, value: string])[];

/** The storage driver's part of `docker info`. */
export async function driverStatus(
  docker: (...args: readonly string[]) => Promise<string>,
): Promise<Status> {
  return JSON.parse(await docker('info', '--format', '{{json .DriverStatus}}'));
}

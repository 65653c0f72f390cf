/** File descriptors of the machine's program, each with one end of a socket pair for a channel of the guest. */
export const channels = { stdout: 3, stderr: 4, control: 5 } as const;

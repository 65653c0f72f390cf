/** File descriptors on which the program that runs a machine gets one end of a socket pair for each channel of the guest. */
export const channels = { stdout: 3, stderr: 4, control: 5 } as const;

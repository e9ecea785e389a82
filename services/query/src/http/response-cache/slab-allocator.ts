/** Memory for many entries. */
export interface Slab {
  memory: Buffer;
  /** Bytes, from the start. */
  used: number;
  /** Entries that are being sent to clients. Until they are sent, the slab must not be overwritten. */
  pendingSends: number;
}

/**
 * Allocates memory for entries that are dropped together. Slabs are reused and never freed: V8 counts memory outside its heap,
 * and collects all garbage after every 8 MB of new memory, also when other memory was freed (docs/decisions/0022).
 *
 * @param size of a slab, bytes
 */
export function openSlabAllocator(size: number) {
  const free: Slab[] = [];

  return {
    /** Growth of `slabs` by an entry of this many bytes; 0 when the last slab has room. Bytes. */
    growth: (slabs: readonly Slab[], bytes: number): number =>
      roomIn(slabs.at(-1)) >= bytes ? 0 : Math.max(size, bytes),

    /** Reserves room for an entry, in the last of `slabs` or in one that is added to them. */
    reserve(slabs: Slab[], bytes: number): { slab: Slab; start: number } {
      let slab = slabs.at(-1);
      if (!slab || roomIn(slab) < bytes) {
        slab = (bytes <= size && free.pop()) || newSlab(Math.max(size, bytes));
        slabs.push(slab);
      }
      const start = slab.used;
      slab.used += bytes;
      return { slab, start };
    },

    /** Reuses these slabs. Those with pending sends are left to the garbage collector. */
    drop(slabs: readonly Slab[]): void {
      for (const slab of slabs) {
        if (slab.pendingSends > 0 || slab.memory.length !== size) continue;
        slab.used = 0;
        free.push(slab);
      }
    },
  };
}

/** Free bytes; -1 without a slab. */
const roomIn = (slab: Slab | undefined): number => (slab ? slab.memory.length - slab.used : -1);
const newSlab = (bytes: number): Slab => ({
  memory: Buffer.allocUnsafeSlow(bytes),
  used: 0,
  pendingSends: 0,
});

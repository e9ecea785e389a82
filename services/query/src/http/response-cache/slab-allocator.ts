/** Memory that many texts share. */
export interface Slab {
  memory: Buffer;
  /** Bytes, from the start. */
  used: number;
  /** So many of its texts are on their way to clients: until they have left, nothing else may be written over them. */
  leaving: number;
}

/**
 * Memory for texts that stay for a while and go together. It is used over and over, and never given back: V8 counts what
 * lies outside its heap, and after every 8 MB that are new it collects all garbage, whatever has been freed
 * meanwhile (docs/decisions/0022).
 *
 * @param size of a slab, bytes
 */
export function openSlabAllocator(size: number) {
  const free: Slab[] = [];

  return {
    /** By how much `slabs` grow when a text of so many bytes is added: not at all when the last of them has room. */
    growth: (slabs: readonly Slab[], bytes: number): number =>
      roomIn(slabs.at(-1)) >= bytes ? 0 : Math.max(size, bytes),

    /** Room for a text: in the last of `slabs`, or in another one, which is added. */
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

    /** Nobody asks for the texts of these any more. Those from which some are leaving are left to V8. */
    drop(slabs: readonly Slab[]): void {
      for (const slab of slabs) {
        if (slab.leaving > 0 || slab.memory.length !== size) continue;
        slab.used = 0;
        free.push(slab);
      }
    },
  };
}

/** Bytes; of no slab, less than nothing. */
const roomIn = (slab: Slab | undefined): number => (slab ? slab.memory.length - slab.used : -1);
const newSlab = (bytes: number): Slab => ({ memory: Buffer.allocUnsafeSlow(bytes), used: 0, leaving: 0 });

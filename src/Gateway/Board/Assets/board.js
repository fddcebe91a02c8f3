// One WebSocket and no negotiation: behind a balancer a second request could reach another gateway.
"use strict";
(() => {
  const key = "shitops-colours";
  const kept = () => {
    try { return localStorage.getItem(key); } catch { return null; }
  };
  window.board = {
    colours: kept,
    keepColours: value => {
      try { localStorage.setItem(key, value); } catch { /* not kept, then */ }
    },
    middle: frame => { frame.scrollLeft = (frame.scrollWidth - frame.clientWidth) / 2; },
  };
  Blazor.start({
    circuit: {
      configureSignalR: builder => builder.withUrl("_blazor", { skipNegotiation: true, transport: 1 }),
      reconnectionOptions: { maxRetries: 8, retryIntervalMilliseconds: 1500 },
    },
  });
  // The space bar presses a hub, as it does a button; it does not scroll as well.
  document.addEventListener("keydown", e => {
    if (e.key === " " && e.target.closest?.("g.hub")) e.preventDefault();
  });
  // A page that another gateway does not know, or that was dropped meanwhile, is loaded anew.
  document.getElementById("components-reconnect-modal")?.addEventListener("components-reconnect-state-changed", e => {
    if (e.detail.state === "rejected") location.reload();
  });
})();

// What must happen in the browser at once: the address, links that only change it, keys, and an ended log-in.
(() => {
  const URL_ID = "overview-url";
  const searchOf = (fields) => {
    const named = new URLSearchParams(Object.entries(fields).filter(([, value]) => value));
    return `?${named}`;
  };
  const fieldsOf = (search) => Object.fromEntries(new URLSearchParams(search || ""));
  const go = (search) => window.dash_clientside.set_props(URL_ID, { search });

  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    winnow: {
      // The address -> the query asked, the frame open, the field's text, whether the frame's window is open.
      read(search, query, frame) {
        const same = window.dash_clientside.no_update;
        const { q = "", frame: asked = null } = fieldsOf(search);
        return [q === query ? same : q, asked === frame ? same : asked, q, asked !== null];
      },
      ask(submits, clicks, value, search) {
        return submits || clicks ? searchOf({ q: (value || "").trim() }) : window.dash_clientside.no_update;
      },
      close(opened, search) {
        const { q, frame } = fieldsOf(search);
        return opened || !frame ? window.dash_clientside.no_update : searchOf({ q });
      },
      boxes: (shown) => (shown ? "frames" : "frames without-boxes"),
      // Mark the page one is on, for eyes and for screen readers.
      at(pathname) {
        document.querySelectorAll("#pages a").forEach((link) => {
          const isHere = new URL(link.href).pathname === pathname;
          if (!isHere) return link.removeAttribute("aria-current");
          link.setAttribute("aria-current", "page");
          // On a phone not all pages fit. (scrollIntoView would make the keyboard begin here.)
          const row = document.getElementById("pages");
          const middle = link.getBoundingClientRect().left - row.getBoundingClientRect().left + link.offsetWidth / 2;
          row.scrollLeft += middle - row.clientWidth / 2;
        });
      },
      logOut(clicks) {
        if (clicks) document.getElementById("log-out-form").submit();
      },
    },
  });

  // Links that change only the query or the open frame: no page load, but a middle click still opens a tab.
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-place]");
    if (!link || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    go(new URL(link.href).search || "?");
  });

  document.addEventListener("keydown", (event) => {
    if (event.target.matches("input, textarea, select")) return;
    const step = { ArrowLeft: "before", ArrowRight: "after" }[event.key];
    if (step) document.querySelector(`[data-step="${step}"]`)?.click();
    const field = document.getElementById("overview-query");
    if (event.key === "/" && field) {
      event.preventDefault();
      field.focus();
    }
  });

  // The log-in ended: load the page again, which leads to the log-in page and back.
  const fetched = window.fetch;
  window.fetch = async (...asked) => {
    const answer = await fetched(...asked);
    if (answer.status !== 401) return answer;
    window.location.reload();
    return new Promise(() => {}); // nobody reads it any more: Dash would take it for an error while the page loads
  };
})();

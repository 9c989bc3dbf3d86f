// Does to the page what a reader does, and writes what it then says into the page's last element, one line a step.
addEventListener("load", async () => {
  const said = [];
  const say = (what, text) => said.push(`${what}: ${text}`);
  const settle = () => new Promise((done) => setTimeout(done, 50));
  const range = () => document.getElementById("range").textContent;
  const cell = (row, nth) => document.querySelectorAll("#reading tbody tr")[row].cells[nth].textContent;
  const over = [...document.querySelectorAll(".u-over")];
  const mouse = (type, target, share) => {
    const box = over[0].getBoundingClientRect();
    target.dispatchEvent(new MouseEvent(type, {
      bubbles: true, button: 0, detail: 1, movementX: 1,
      clientX: box.left + share * box.width, clientY: target === document ? box.top + 5 : target.getBoundingClientRect().top + 5,
    }));
  };
  const group = document.querySelector(".charts");
  const key = (name, shiftKey = false) => group.dispatchEvent(new KeyboardEvent("keydown", { key: name, shiftKey, bubbles: true }));

  say("panels", over.length);
  say("empty panels", document.querySelectorAll(".empty").length);
  say("all", range());

  mouse("mouseenter", over[0], 0.5);
  mouse("mousemove", over[0], 0.5);
  await settle();
  say("hover", document.getElementById("at").textContent);
  say("hover, first demand", cell(0, 1));
  say("hover, last demand", cell(document.querySelectorAll("#reading tbody tr").length - 1, 1));
  const markers = [...document.querySelectorAll(".u-cursor-x")].map((line) => Math.round(line.getBoundingClientRect().left));
  say("markers", new Set(markers).size);

  mouse("mousedown", over[0], 0.25);
  mouse("mousemove", over[0], 0.5);
  mouse("mouseup", document, 0.5);
  await settle();
  say("dragged", range());
  over[over.length - 1].dispatchEvent(new MouseEvent("dblclick", { bubbles: true, detail: 2 }));
  await settle();
  say("double-clicked", range());

  key("+");
  await settle();
  say("plus", range());
  key("ArrowRight", true);
  await settle();
  say("shift right", range());
  key("-");
  await settle();
  say("minus", range());
  key("+");
  key("0");
  await settle();
  say("zero", range());
  key("Home");
  key("ArrowRight");
  await settle();
  say("right", document.getElementById("at").textContent);

  const buttons = [...document.querySelectorAll(".log")[0].querySelectorAll("li > button")];
  say("events", buttons.length);
  if (buttons.length > 0) {
    buttons[0].click();
    await settle();
    say("open", buttons[0].getAttribute("aria-expanded"));
    say("terms", [...document.querySelectorAll(".open dt")].map((term) => term.textContent).join(", "));
    say("explained", [...document.querySelectorAll(".open dd")].map((text) => text.textContent).join("; "));
    say("marked", String(document.getElementById("at").textContent === buttons[0].querySelector("time").textContent));
    buttons[0].click();
    await settle();
    say("closed", document.querySelectorAll(".open").length);
    key("Enter");
    await settle();
    say("entered", document.querySelectorAll(".open").length);
  }
  say("title", document.title);
  say("strangers", document.querySelectorAll("img, iframe, object, embed, link, script[src], [onerror], [onload]").length);
  say("taken over", String(window.takenOver));
  const last = document.createElement("pre");
  last.id = "said";
  last.textContent = said.join("\n");
  document.body.append(last);
});

// What every page has: its stream, its forms, its keys, and the elements it is made of.
import "./markdown.js";
import "./copying.js";
import "./colours.js";
import "./late.js";
import "./tabs.js";
import "./times.js";
import "./forms.js";
import "./keys.js";
import "./palette.js";
import "./pictures.js";
import "./offers.js";
import "./inbox.js";
import "./later.js";
import "./plans.js";
import "./explore.js";
import "./live.js";
import "./pressed.js";
